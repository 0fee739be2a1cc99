import { journalLine, type JournalEntry } from '../model/journal.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

const FOLDER = '/var/lib/phoenix/journal';
const CURRENT = `${FOLDER}/current.ndjson`;
const KEPT = 20;

export type TwinJournal = {
  readonly append: (entry: JournalEntry) => Promise<void>;
  readonly finish: (carry: readonly JournalEntry[]) => Promise<void>;
  /** Lines of begun operations without their end, in order. */
  readonly open: () => readonly string[];
};

/** A journal in the files of a world, as a real node keeps it: a killed run's is found by the next. */
export function createJournal(world: World, host: Host): TwinJournal {
  let open = openLines(textOf(world));
  return {
    append: async (entry) => {
      const line = journalLine(entry);
      await host.files.write(CURRENT, `${textOf(world)}${line}\n`, 0o600);
      note(open, line);
    },
    finish: async (carry) => {
      const text = textOf(world);
      const run = /"run":"([A-Za-z0-9._-]+)"/.exec(text.trimEnd().split('\n').at(-1) ?? '')?.[1] ?? 'unknown';
      await host.files.write(`${FOLDER}/${run}.ndjson`, text, 0o600);
      const carried = carry.map((entry) => `${journalLine(entry)}\n`).join('');
      if (carried === '') await host.files.remove(CURRENT);
      else await host.files.write(CURRENT, carried, 0o600);
      open = openLines(carried);
      const names = (await host.files.list(FOLDER)).filter((name) => name !== 'current.ndjson');
      for (const name of names.slice(0, -KEPT)) await host.files.remove(`${FOLDER}/${name}`);
    },
    open: () => [...open.values()],
  };
}

/** Lines of begun operations without their end in a world's journal. */
export function openEntriesIn(world: World): readonly string[] {
  return [...openLines(textOf(world)).values()];
}

function textOf(world: World): string {
  return world.files[CURRENT]?.text ?? '';
}

function openLines(text: string): Map<string, string> {
  const open = new Map<string, string>();
  for (const line of text.split('\n')) note(open, line);
  return open;
}

function note(open: Map<string, string>, line: string): void {
  const match = /^\{"at":[0-9.]+,"run":"([^"]*)","entry":"(begin|end)","index":(\d+),/.exec(line);
  if (!match) return;
  const key = `${match[1]}\n${match[3]}`;
  if (match[2] === 'begin') open.set(key, line);
  else open.delete(key);
}
