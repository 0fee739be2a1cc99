import { NodeUnreachable } from '../model/unreachable.ts';

/** An observation's text taken apart, nothing of it understood yet. */
export type ObservationText = {
  readonly nodeName: string;
  /** The fields behind every line with this tag, in order. */
  readonly all: (tag: string) => readonly string[];
  readonly first: (tag: string) => string | undefined;
  /** Texts of files by path. */
  readonly files: ReadonlyMap<string, string>;
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
  const texts = { file: new Map<string, string>(), started: new Map<string, string>() };
  const records = new Map<number, { readonly text: string } | 'none' | 'unknown'>();
  for (const { tag, fields, body } of blocks(text)) {
    if (tag === 'file' || tag === 'started') texts[tag].set(fields, body ?? '');
    else if (tag === 'record') {
      const [vmid, state] = fields.split('\t');
      records.set(Number(vmid), readState(state, body));
    } else {
      const known = lines.get(tag);
      if (known) known.push(fields);
      else lines.set(tag, [fields]);
    }
  }
  const nodeName = lines.get('node')?.[0] ?? '';
  if (nodeName === '') throw unreadable('It does not say the name of the node', text.slice(0, 200));
  return {
    nodeName,
    all: (tag) => lines.get(tag) ?? [],
    first: (tag) => lines.get(tag)?.[0],
    files: texts.file,
    started: new Map([...texts.started].map(([vmid, body]) => [Number(vmid), body])),
    records,
  };
}

type Block = { readonly tag: string; readonly fields: string; readonly body: string | undefined };

function* blocks(text: string): Generator<Block> {
  let head: { tag: string; fields: string } | undefined;
  let bodyStart = -1;
  let position = FIRST_LINE.length + 1;
  const take = (end: number): Block[] => {
    if (!head) return [];
    // One pass over a text: its lines' tags go, their ends stay.
    const body = bodyStart < 0 ? undefined : text.slice(bodyStart + 2, end).replaceAll('\n=\t', '\n');
    return [{ ...head, body }];
  };
  while (position < text.length) {
    const end = text.indexOf('\n', position);
    if (text.startsWith('=\t', position)) {
      if (bodyStart < 0) bodyStart = position;
    } else {
      yield* take(position - 1);
      bodyStart = -1;
      const tab = text.indexOf('\t', position);
      const cut = tab < 0 || tab > end ? end : tab;
      head = { tag: text.slice(position, cut), fields: text.slice(Math.min(cut + 1, end), end) };
    }
    position = end + 1;
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
