import { createHash } from 'node:crypto';
import { DEAD_MAN_SH } from './dead-man-program.ts';

/** A change that the node takes back by itself unless it is confirmed: one switch for each kind of change. */
export type SwitchName = 'network' | 'firewall';

/** Where the program stands on the node, and what it is. It never changes while a switch is armed. */
export const SWITCH = {
  path: '/var/lib/phoenix/dead-man/switch',
  content: DEAD_MAN_SH,
  mode: 0o700,
} as const;

/** The file that says how a switch stands. */
export function switchStatePath(name: SwitchName): string {
  return `/var/lib/phoenix/dead-man/${name}/state`;
}

/** Where a new file waits until the switch puts it into its place. */
export function stagedPath(name: SwitchName, file: string): string {
  return `/var/lib/phoenix/dead-man/${name}/staged/${file}`;
}

/**
 * How a switch stands. `armed`: a change is made and not confirmed, or about to be made; `restoring`:
 * it is being taken back. `reason` says why.
 */
export type SwitchState = {
  readonly state: 'armed' | 'kept' | 'restoring' | 'restored';
  readonly token: string;
  readonly reason?: string;
};

/** Reads the state of a switch; undefined where it was never armed. */
export function readSwitchState(text: string | undefined): SwitchState | undefined {
  const [state = '', token = '', ...rest] = (text ?? '').trim().split(' ');
  if (state !== 'armed' && state !== 'kept' && state !== 'restoring' && state !== 'restored') {
    return undefined;
  }
  const isTaken = state === 'restoring' || state === 'restored';
  return { state, token, ...(isTaken && rest.length > 0 && { reason: rest.join(' ') }) };
}

export type SwitchedFile = { readonly staged: string; readonly target: string };

/** The command that arms a switch and then, on its own, puts the staged files into their places. */
export function applyArgv(
  name: SwitchName,
  token: string,
  seconds: number,
  files: readonly SwitchedFile[],
): string[] {
  const pairs = files.flatMap(({ staged, target }) => [staged, target]);
  return [SWITCH.path, 'apply', name, token, String(seconds), ...pairs];
}

/** The command that looks whether ifupdown2 can read a file of interfaces. */
export function checkArgv(file: string): string[] {
  return [SWITCH.path, 'check', file];
}

/** The command that waits until an armed switch is done, and takes the change back where nobody watches it. */
export function settleArgv(name: SwitchName, seconds: number): string[] {
  return [SWITCH.path, 'settle', name, String(seconds)];
}

/** What a change is confirmed with: the same for the same change of the same state. */
export function switchToken(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
