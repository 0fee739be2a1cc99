import { readFile } from 'node:fs/promises';

/** A process that can't be confused with a later one of the same number. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the process's start. */
  readonly start: number;
};

/** Who a process is; undefined where there is none or it has ended and waits to be reaped. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in parentheses may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, start: Number(fields[19]) };
}

/** Does this very process still run? */
export async function isRunning(identity: ProcessIdentity | undefined): Promise<boolean> {
  if (identity === undefined) return false;
  return (await identify(identity.pid))?.start === identity.start;
}
