import { NodeUnreachable } from '../model/unreachable.ts';

/** An observation's text taken apart, nothing of it understood yet. */
export type ObservationText = {
  readonly nodeName: string;
  /** The fields behind every line with this tag, in order. */
  readonly all: (tag: string) => readonly string[];
  readonly first: (tag: string) => string | undefined;
  /** Texts of files by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What was printed of the host itself, by the name of the part. */
  readonly host: ReadonlyMap<string, string>;
  /** `lxc.` lines of running containers by vmid. */
  readonly started: ReadonlyMap<number, string>;
  /** Records by vmid: a text, or `none`, or `unknown`. */
  readonly records: ReadonlyMap<number, { readonly text: string } | 'none' | 'unknown'>;
};

const FIRST_LINE = 'phoenix-observation 1';

/** Takes an observation's text apart; throws `NodeUnreachable` for one that is none or was cut short. */
export function readObservationText(text: string): ObservationText {
  if (!text.startsWith(`${FIRST_LINE}\n`)) throw unreadable('It does not begin as an observation does', text);
  if (!text.endsWith('\nend\n')) throw unreadable('It was cut short', text.slice(-200));
  const lines = new Map<string, string[]>();
  const texts = {
    file: new Map<string, string>(),
    host: new Map<string, string>(),
    started: new Map<string, string>(),
  };
  const records = new Map<number, { readonly text: string } | 'none' | 'unknown'>();
  eachBlock(text, (tag, fields, body) => {
    if (tag === 'file' || tag === 'host' || tag === 'started') texts[tag].set(fields, body ?? '');
    else if (tag === 'record') {
      const [vmid, state] = fields.split('\t');
      records.set(Number(vmid), readState(state, body));
    } else {
      const known = lines.get(tag);
      if (known) known.push(fields);
      else lines.set(tag, [fields]);
    }
  });
  const nodeName = lines.get('node')?.[0] ?? '';
  if (nodeName === '') throw unreadable('It does not say the name of the node', text.slice(0, 200));
  return {
    nodeName,
    all: (tag) => lines.get(tag) ?? [],
    first: (tag) => lines.get(tag)?.[0],
    files: texts.file,
    host: texts.host,
    started: new Map([...texts.started].map(([vmid, body]) => [Number(vmid), body])),
    records,
  };
}

/* Calls back with every line that has a tag, and the text behind it; the last line, `end`, has none. */
function eachBlock(
  text: string,
  visit: (tag: string, fields: string, body: string | undefined) => void,
): void {
  let position = FIRST_LINE.length + 1;
  while (position < text.length) {
    const end = text.indexOf('\n', position);
    const line = text.slice(position, end);
    let next = end + 1;
    while (text.startsWith('=\t', next)) next = text.indexOf('\n', next) + 1;
    // One pass over a text: its lines' tags go, their ends stay.
    const body = next === end + 1 ? undefined : text.slice(end + 3, next - 1).replaceAll('\n=\t', '\n');
    const tab = line.indexOf('\t');
    if (tab < 0) visit(line, '', body);
    else visit(line.slice(0, tab), line.slice(tab + 1), body);
    position = next;
  }
}

function readState(
  state: string | undefined,
  body: string | undefined,
): { readonly text: string } | 'none' | 'unknown' {
  if (state === 'read') return { text: body ?? '' };
  return state === 'none' ? 'none' : 'unknown';
}

function unreadable(what: string, sample: string): NodeUnreachable {
  return new NodeUnreachable({
    code: 'node/unreadable-observation',
    severity: 'error',
    summary: 'What the node told about itself cannot be read',
    detail: `${what}: ${JSON.stringify(sample.slice(0, 200))}`,
    remedy: 'Run the command again. If it stays so, look at what `sh` on the node prints at its start.',
  });
}
