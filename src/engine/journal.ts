import type { JournalEntry } from '../model/journal.ts';
import { operationText, type Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RunRequest } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import { carriedDiagnostic, describeError, Trouble } from './trouble.ts';

type Begin = Extract<JournalEntry, { readonly entry: 'begin' }>;

/** What a run writes down on the node, so that a killed one can be finished by the same command. */
export type Journal = {
  /** Writes that an operation is about to start; the result writes how it ended. */
  readonly begin: (
    target: Target,
    step: string,
    operation: Operation,
  ) => Promise<(outcome: Outcome) => Promise<void>>;
  /**
   * Ends the run's journal. Open entries, of earlier runs and of operations of this one whose answer
   * was lost, are carried on for targets that this run did not complete.
   */
  readonly finish: (
    exitCode: number,
    earlier: readonly JournalEntry[],
    isCompleted: (target: Target) => boolean,
  ) => Promise<void>;
};

const WRITES_NOTHING: Journal = {
  begin: async () => async () => {},
  finish: async () => {},
};

/**
 * A journal that writes nothing until the first operation, so that a run with nothing to do leaves no
 * trace. Entries are written one after the other. An operation whose answer was lost stays open, and so
 * does a call of Proxmox's that failed.
 */
export function createJournal(request: RunRequest, run: string, purpose: string): Journal {
  if (!request.isJournaled) return WRITES_NOTHING;
  const { node } = request;
  const open = new Map<number, Begin>();
  let last: Promise<void> = Promise.resolve();
  let count = 0;

  const append = (entry: JournalEntry): Promise<void> => {
    const written = last.then(() => node.journal.append(entry));
    last = written.catch(() => {});
    return written.catch(failedToWrite);
  };

  return {
    begin: async (target, step, operation) => {
      const index = count;
      count += 1;
      const started = index === 0 ? append({ at: node.now(), run, entry: 'run', purpose }) : undefined;
      const entry: Begin = { at: node.now(), run, entry: 'begin', index, target, step, operation };
      const written = append(entry);
      await Promise.all([started, written]);
      open.set(index, entry);
      return async ({ kind, exitCode }) => {
        if (kind === 'lost') return;
        // A call of Proxmox's that fails cleans up after itself, and even that may fail.
        const isClosed = kind === 'done' || operation.op !== 'pve';
        await append({
          at: node.now(),
          run,
          entry: isClosed ? 'end' : 'failed',
          index,
          target,
          kind,
          exitCode,
        });
        if (isClosed) open.delete(index);
      };
    },
    finish: async (exitCode, earlier, isCompleted) => {
      const carried = withoutRepeats(
        [...earlier, ...open.values()].filter((entry) => entry.entry === 'begin'),
      ).filter(({ target }) => !isCompleted(target));
      if (count > 0) await append({ at: node.now(), run, entry: 'finish', exitCode });
      if (count > 0 || carried.length < earlier.length) await node.journal.finish(carried);
    },
  };
}

/** What was begun again and again is told of once, as it was begun last. */
function withoutRepeats(begun: readonly Begin[]): readonly Begin[] {
  return [...new Map(begun.map((entry) => [operationText(entry.operation), entry])).values()];
}

function failedToWrite(error: unknown): never {
  throw new Trouble(
    carriedDiagnostic(error) ?? {
      code: 'engine/journal-not-written',
      severity: 'error',
      summary: 'The journal on the node cannot be written',
      detail: `${describeError(error)}. Nothing is started that could not be written down first.`,
      remedy: 'Look whether the disk that holds /var/lib/phoenix is full or read-only.',
    },
  );
}
