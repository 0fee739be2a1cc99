/**
 * `/etc/network/interfaces` as its logical lines in order, every one with its text as it stands (a
 * line that ends in a backslash goes on in the next). Printed again it is the same text, byte for byte.
 */
export type InterfacesFile = readonly InterfacesLine[];

export type InterfacesLine = {
  /**
   * `iface`: begins an interface's stanza; `auto`: names interfaces that come up at boot; `other`:
   * begins another stanza; `option`: belongs to the stanza above it.
   */
  readonly kind: 'blank' | 'comment' | 'iface' | 'auto' | 'other' | 'option';
  readonly text: string;
  /** Its words without continuations; for an option its name and its value. */
  readonly words: readonly string[];
};

/** One `iface` stanza: where its header stands, and the numbers of its options' lines. */
export type IfaceStanza = {
  readonly name: string;
  readonly family: 'inet' | 'inet6' | string;
  readonly method: string;
  readonly header: number;
  readonly options: readonly { readonly name: string; readonly value: string; readonly line: number }[];
};

/** Reads the file. */
export function parseInterfaces(text: string): InterfacesFile {
  if (text === '') return [];
  const lines: InterfacesLine[] = [];
  let isInStanza = false;
  for (const logical of logicalLines(text)) {
    const line = classify(logical, isInStanza);
    if (line.kind === 'iface' || line.kind === 'other') isInStanza = true;
    if (line.kind === 'auto') isInStanza = false;
    lines.push(line);
  }
  return lines;
}

/** Prints the file. */
export function printInterfaces(file: InterfacesFile): string {
  return file.map(({ text }) => text).join('\n');
}

/** The `iface` stanzas in order. */
export function stanzasOf(file: InterfacesFile): readonly IfaceStanza[] {
  const stanzas: { -readonly [K in keyof IfaceStanza]: IfaceStanza[K] }[] = [];
  let isOpen = false;
  for (const [number, { kind, words }] of file.entries()) {
    if (kind === 'iface') {
      const [, name = '', family = '', method = ''] = words;
      stanzas.push({ name, family, method, header: number, options: [] });
      isOpen = true;
    } else if (kind === 'other' || kind === 'auto') isOpen = false;
    const last = stanzas.at(-1);
    if (kind !== 'option' || !isOpen || !last) continue;
    const [name = '', value = ''] = words;
    last.options = [...last.options, { name: canonicalName(name), value, line: number }];
  }
  return stanzas;
}

/** Is the interface brought up at boot? */
export function isAuto(file: InterfacesFile, name: string): boolean {
  return file.some(({ kind, words }) => kind === 'auto' && words.slice(1).includes(name));
}

/** Does the file take in others? What they say is not in it. */
export function hasSources(file: InterfacesFile): boolean {
  return file.some(({ kind, words }) => kind === 'other' && /^source(?:-directory)?$/.test(words[0] ?? ''));
}

/** A line of the given text, as it is put into a file. */
export function interfacesLine(text: string): InterfacesLine {
  return classify(text, /^\s/.test(text));
}

/** Old names of options, and underscores, as the names that are written today. */
export function canonicalName(name: string): string {
  const dashed = name.toLowerCase().replaceAll('_', '-');
  return OLD_NAMES.get(dashed) ?? dashed;
}

const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ['slaves', 'bond-slaves'],
  ['vlan-device', 'vlan-raw-device'],
  ['bridge-vlan-protocol-aware', 'bridge-vlan-aware'],
]);

function logicalLines(text: string): readonly string[] {
  const logical: string[] = [];
  let open: string | undefined;
  for (const line of text.split('\n')) {
    const whole: string = open === undefined ? line : `${open}\n${line}`;
    // A comment does not go on in the next line.
    const goesOn = line.endsWith('\\') && !whole.trimStart().startsWith('#');
    open = goesOn ? whole : undefined;
    if (!goesOn) logical.push(whole);
  }
  if (open !== undefined) logical.push(open);
  return logical;
}

function classify(text: string, isInStanza: boolean): InterfacesLine {
  const plain = text.replaceAll(/\\\n/g, ' ').trim();
  if (plain === '') return { kind: 'blank', text, words: [] };
  if (plain.startsWith('#')) return { kind: 'comment', text, words: [] };
  const words = plain.split(/\s+/);
  const first = words[0] ?? '';
  if (first === 'iface') return { kind: 'iface', text, words };
  if (first === 'auto' || first === 'allow-auto') return { kind: 'auto', text, words };
  if (OTHER_STANZAS.has(first) || first.startsWith('allow-')) return { kind: 'other', text, words };
  if (!isInStanza) return { kind: 'other', text, words };
  return { kind: 'option', text, words: [first, plain.slice(first.length).trim()] };
}

const OTHER_STANZAS = new Set([
  'source',
  'source-directory',
  'mapping',
  'no-auto-down',
  'no-scripts',
  'rename',
  'template',
  'vlan',
]);
