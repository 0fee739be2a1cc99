import { copyFile, mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { journalLine, type JournalEntry } from '../model/journal.ts';
import { replaceFile } from './write-file.ts';

export type JournalFiles = {
  /** Writes one entry and returns once it is on the disk. */
  readonly append: (entry: JournalEntry) => Promise<void>;
  readonly finish: (carry: readonly JournalEntry[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * The journal in a folder of the node: `current.ndjson` while a run goes on, `<run>.ndjson` after it,
 * of which the newest twenty are kept. Entries that `finish` carries on begin the next `current.ndjson`.
 */
export function journalFiles(folder: string): JournalFiles {
  const current = `${folder}/current.ndjson`;
  let file: FileHandle | undefined;
  let last: Promise<void> = Promise.resolve();

  const inOrder = (task: () => Promise<void>): Promise<void> => {
    const done = last.then(task);
    last = done.catch(() => {});
    return done;
  };
  const close = async (): Promise<void> => {
    await file?.close();
    file = undefined;
  };

  return {
    append: (entry) =>
      inOrder(async () => {
        if (!file) {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          file = await open(current, 'a', 0o600);
        }
        await file.write(`${journalLine(entry)}\n`);
        await file.datasync();
      }),
    finish: (carry) =>
      inOrder(async () => {
        await close();
        const archive = `${folder}/${await runName(current)}.ndjson`;
        // Copied, not renamed, where something is carried: a kill in between must not lose it.
        if (carry.length === 0) await rename(current, archive).catch(ignoreMissing);
        else {
          await copyFile(current, archive).catch(ignoreMissing);
          const text = carry.map((entry) => `${journalLine(entry)}\n`).join('');
          await replaceFile(current, text, 0o600);
        }
        await removeOld(folder);
      }),
    close: () => inOrder(close),
  };
}

const KEPT = 20;

/** The run that the journal is of: the last that wrote into it. Its id begins with its time, so names sort. */
async function runName(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const run = /^\{"at":[0-9.]+,"run":"([A-Za-z0-9._-]+)"/.exec(line)?.[1];
  return run === undefined || run === 'current' ? 'unknown' : run;
}

async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.ndjson') && name !== 'current.ndjson',
  );
  for (const name of names.toSorted().slice(0, -KEPT)) await rm(`${folder}/${name}`, { force: true });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
