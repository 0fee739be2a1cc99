import type { EditOperation } from '../../model/operation.ts';
import { recordOf } from '../guest/input.ts';
import type { PresentInput } from './input.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'apply_configurations';

/**
 * Raw `lxc.*` lines, compared as parsed: what the folder wants and the head section lacks goes in,
 * what Phoenix put there and the folder no longer has goes out, and so does another value of a key
 * that can have only one. They become real at the next start.
 */
export function rawLineWork(input: PresentInput): Work {
  const { guest, desired, folder } = input;
  const present = guest.config.head.raw.map(printLine);
  const wanted = wantedLines(input);
  const singles = new Set(desired.rawLines.map(([key]) => key).filter(isSingle));
  const ours = new Set(recordOf(guest, folder.folderId).rawLines);
  const add = desired.rawLines.filter((line) => !present.includes(printLine(line))).map(exactLine);
  const remove = guest.config.head.raw
    .filter(([key, value]) => {
      const line = printLine([key, value]);
      return !wanted.has(line) && (ours.has(line) || singles.has(key));
    })
    .map(exactLine);
  if (add.length === 0 && remove.length === 0) return NO_WORK;
  const effect = guest.running ? 'restart' : 'live';
  const common = { target: desired.vmid, step: STEP, effect } as const;
  const edit: EditOperation = {
    op: 'edit',
    target: desired.vmid,
    step: STEP,
    changes: [...remove, ...add].map((line) => `line ${line}`),
    gates: [],
    path: `/etc/pve/lxc/${desired.vmid}.conf`,
    vmid: desired.vmid,
    remove,
    add,
  };
  return {
    ...NO_WORK,
    changes: [
      ...remove.map((line) => ({ ...common, attribute: `line ${line}`, before: line, after: undefined })),
      ...add.map((line) => ({ ...common, attribute: `line ${line}`, before: undefined, after: line })),
    ],
    operations: [edit],
  };
}

/**
 * Lines that the running container was started without, though the folder wants them, and lines of
 * ours that it was started with and that are gone since. None where that can't be seen.
 */
export function waitingLines(input: PresentInput): readonly string[] {
  const { guest, folder } = input;
  if (!guest.running || guest.startedWith === undefined) return [];
  const started = new Set(guest.startedWith.map(printLine));
  const present = new Set(guest.config.head.raw.map(printLine));
  const wanted = wantedLines(input);
  const missing = [...wanted].filter((line) => present.has(line) && !started.has(line));
  const stale = recordOf(guest, folder.folderId).rawLines.filter(
    (line) => !wanted.has(line) && !present.has(line) && started.has(line),
  );
  return [...missing, ...stale];
}

/** A raw line as comparisons and records know it: blanks between words count as one. */
export function printLine([key, value]: readonly [string, string]): string {
  return `${key}: ${value.trim().replaceAll(/\s+/g, ' ')}`;
}

function exactLine([key, value]: readonly [string, string]): string {
  return `${key}: ${value}`;
}

function wantedLines({ desired }: PresentInput): ReadonlySet<string> {
  return new Set(desired.rawLines.map(printLine));
}

function isSingle(key: string): boolean {
  return /^lxc\.(apparmor\.(profile|allow_nesting|allow_incomplete)|seccomp\.profile|selinux\.context|init\.cmd)$/.test(
    key,
  );
}
