import type { Outcome } from '../model/outcome.ts';
import { KNOWN_MESSAGES, type KnownMessage } from './message-table.ts';

/** How a program ended and what it printed, secrets masked. */
export type ProgramEnd = { readonly rc: number; readonly stdout: string; readonly stderr: string };

/**
 * What the end of one of Proxmox's tools means: known messages decide, with their remedy; some are
 * refusals although the exit code is 0. Any other code than 0 is a refusal.
 */
export function judge(end: ProgramEnd): Outcome {
  const known = KNOWN_MESSAGES.find(
    ({ pattern, alsoOnSuccess }) => (end.rc !== 0 || alsoOnSuccess === true) && pattern.test(end.stderr),
  );
  if (!known) return plainOutcome(end);
  return { ...plainOutcome(end), kind: known.kind, diagnostic: toDiagnostic(known, end.stderr) };
}

/**
 * What the end of a program in a guest means. Only its exit code counts: what it prints are a
 * stranger's words. The exception is a guest that could not be entered at all, or was lost.
 */
export function judgeProgram(end: ProgramEnd): Outcome {
  const outcome = plainOutcome(end);
  const known = AGENT_CODES.has(end.rc) && knownOfAgent(lastLine(end.stderr));
  if (known) {
    const { kind } = known;
    const diagnostic = toDiagnostic(known, lastLine(end.stderr));
    return { ...outcome, ...(kind === 'lost' && { exitCode: null, kind }), diagnostic };
  }
  if (end.rc === 0 || end.stdout !== '' || !CANNOT_ENTER.test(end.stderr)) return outcome;
  return {
    ...outcome,
    diagnostic: {
      code: 'pve/not-running',
      severity: 'error',
      summary: 'The guest does not run',
      detail: end.stderr.trim(),
    },
  };
}

/** With what the program ends that runs others in a VM (src/node/agent), where it could not, or lost one. */
const AGENT_CODES: ReadonlySet<number> = new Set([250, 251, 252, 253, 254]);

/** How `lxc-attach` says that there is nothing to attach to (src/lxc/attach.c, commands.c). */
const CANNOT_ENTER =
  /^lxc-attach: \d+: \S*(?:attach|commands)\.c: .*(?:Failed to get init pid|Failed to get attach context|Connection refused)/m;

function knownOfAgent(line: string): KnownMessage | undefined {
  return line.startsWith('phoenix-agent: ')
    ? KNOWN_MESSAGES.find(({ pattern }) => pattern.test(line))
    : undefined;
}

function lastLine(stderr: string): string {
  return stderr.trimEnd().split('\n').at(-1) ?? '';
}

function plainOutcome({ rc, stdout, stderr }: ProgramEnd): Outcome {
  return { exitCode: rc, stdout, stderr, kind: rc === 0 ? 'done' : 'refused' };
}

function toDiagnostic({ code, summary, remedy }: KnownMessage, stderr: string) {
  // The usage that some tools print after their message says nothing of this case.
  const detail = (stderr.split(/^(?:pct|qm|pvesm|pveam) \w+ .*\[OPTIONS\]/m)[0] ?? '').trim();
  return {
    code,
    severity: 'error',
    summary,
    ...(detail !== '' && { detail }),
    ...(remedy !== undefined && { remedy }),
  } as const;
}
