import type { ObservedRepository } from '../../model/observed-host.ts';

/** The entries of apt's sources among the files that were read. */
export function observedRepositories(files: ReadonlyMap<string, string>): readonly ObservedRepository[] {
  return [...files].flatMap(([path, text]) => {
    if (/^\/etc\/apt\/sources\.list(?:\.d\/[^/]+\.list)?$/.test(path)) return lineEntries(path, text);
    return /^\/etc\/apt\/sources\.list\.d\/[^/]+\.sources$/.test(path) ? stanzas(path, text) : [];
  });
}

/** The text with one entry switched on or off, everything else byte for byte. */
export function withRepository(text: string, entry: ObservedRepository, enabled: boolean): string {
  if (entry.format === 'list') {
    const lines = text.split('\n');
    const line = lines[entry.index] ?? '';
    lines[entry.index] = enabled ? line.replace(/^\s*#+\s*/, '') : `# ${line}`;
    return lines.join('\n');
  }
  const parts = stanzaTexts(text);
  const stanza = parts[entry.index];
  if (stanza === undefined) return text;
  const lines = stanza.text.split('\n').filter((line) => !/^Enabled\s*:/i.test(line));
  if (!enabled) {
    const first = lines.findIndex((line) => /^[A-Za-z-]+\s*:/.test(line));
    lines.splice(Math.max(0, first), 0, 'Enabled: no');
  }
  return text.slice(0, stanza.start) + lines.join('\n') + text.slice(stanza.start + stanza.text.length);
}

function lineEntries(file: string, text: string): readonly ObservedRepository[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /^\s*(#+\s*)?(deb|deb-src)\s+(?:\[[^\]]*\]\s+)?(\S+:\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(
      line,
    );
    if (!match?.[2] || !match[3] || !match[4]) return [];
    const entry = {
      file,
      index,
      format: 'list' as const,
      enabled: match[1] === undefined,
      types: [match[2]],
      uris: [match[3]],
      suites: [match[4]],
      components: (match[5] ?? '').split(/\s+/).filter((word) => word !== ''),
    };
    return [entry];
  });
}

function stanzas(file: string, text: string): readonly ObservedRepository[] {
  return stanzaTexts(text).flatMap(({ text: stanza }, index) => {
    const fields = fieldsOf(stanza);
    const words = (name: string): readonly string[] =>
      (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    if (words('types').length === 0) return [];
    return [
      {
        file,
        index,
        format: 'deb822' as const,
        enabled: !/^(?:no|false|without|off|disable|0)$/i.test(fields.get('enabled')?.trim() ?? 'yes'),
        types: words('types'),
        uris: words('uris'),
        suites: words('suites'),
        components: words('components'),
      },
    ];
  });
}

/** The stanzas of a deb822 file with their places, without the blank lines between them. */
function stanzaTexts(text: string): readonly { readonly start: number; readonly text: string }[] {
  const parts: { start: number; text: string }[] = [];
  let start = 0;
  let position = 0;
  for (const line of [...text.split('\n'), '']) {
    if (line.trim() === '') {
      if (position > start) parts.push({ start, text: text.slice(start, position - 1) });
      start = position + line.length + 1;
    }
    position += line.length + 1;
  }
  return parts;
}

function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const match = /^([A-Za-z-]+)\s*:(.*)$/.exec(line);
    if (match?.[1] !== undefined) {
      name = match[1].toLowerCase();
      fields.set(name, match[2] ?? '');
    } else if (/^\s/.test(line) && name !== '') fields.set(name, `${fields.get(name)} ${line.trim()}`);
  }
  return fields;
}
