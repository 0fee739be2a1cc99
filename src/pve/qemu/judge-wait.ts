import type { Diagnostic } from '../../model/diagnostic.ts';
import type { WaitOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { ProgramEnd } from '../messages.ts';
import { readCloudInitStatus } from './cloud-init-status.ts';

/** How far a wait for something inside a VM has come. */
export type WaitProgress = {
  readonly operation: WaitOperation;
  /**
   * The last answer: of `qm guest cmd <vmid> ping` for `agent`, of `cloud-init status --format json`
   * inside for `cloud-init`, or of the tool where it could not ask. Undefined: none came.
   */
  readonly last: ProgramEnd | undefined;
  readonly isTimedOut: boolean;
  /** The last lines of the VM's console, oldest first, where somebody listens to it. */
  readonly console?: readonly string[];
};

/**
 * How a wait for `agent` or `cloud-init` ended; undefined: it goes on. Tells apart an agent that is not
 * configured, one that does not answer and a VM that does not run: only the second is worth waiting for.
 */
export function judgeWait(progress: WaitProgress): Outcome | undefined {
  const { operation, last } = progress;
  const refusal = last && refusalOf(operation, last.stderr);
  if (last && refusal) return end(last, 'refused', refusal);
  if (operation.for === 'agent') {
    if (last?.rc === 0) return end(last, 'done');
    return progress.isTimedOut ? end(last, 'lost', agentLate(progress)) : undefined;
  }
  return judgeCloudInit(progress);
}

function judgeCloudInit(progress: WaitProgress): Outcome | undefined {
  const { operation, last } = progress;
  if (last && NO_SUCH_PROGRAM.test(last.stderr)) return end(last, 'done');
  const status = last && readCloudInitStatus(last.stdout, last.rc);
  if (status?.state === 'done' || status?.state === 'absent') return end(last, 'done');
  if (status?.state === 'degraded') return end(last, 'done', degraded(operation, status.reasons));
  if (status?.state === 'failed') return end(last, 'refused', failed(operation, status.reasons));
  if (!progress.isTimedOut) return undefined;
  const isHeard = last === undefined || last.stderr === '' || status !== undefined;
  return end(last, 'lost', isHeard ? cloudInitLate(progress, status?.stage) : agentLate(progress));
}

function end(last: ProgramEnd | undefined, kind: Outcome['kind'], diagnostic?: Diagnostic): Outcome {
  return {
    exitCode: kind === 'lost' ? null : (last?.rc ?? null),
    stdout: last?.stdout ?? '',
    stderr: last?.stderr ?? '',
    kind,
    ...(diagnostic && { diagnostic }),
  };
}

/** How the agent says that there is no such program (its text stands in the tool's message). */
const NO_SUCH_PROGRAM = /Failed to execute child process .*\(No such file or directory\)/;

function refusalOf(operation: WaitOperation, message: string): Diagnostic | undefined {
  const vmid = operation.in;
  if (message.includes('No QEMU guest agent configured')) {
    return {
      code: 'guest/agent-not-configured',
      severity: 'error',
      summary: 'The VM has no channel for a guest agent',
      detail: 'Without one Phoenix can do nothing inside it.',
      remedy: `Set "guest_agent": true and let it restart, or:\n  qm set ${vmid} --agent 1`,
    };
  }
  if (/VM \d+ (?:is )?not running/.test(message)) {
    return {
      code: 'guest/stopped-meanwhile',
      severity: 'error',
      summary: 'The VM stopped while it was waited for',
      detail: 'It was shut down from the inside or by somebody, or its process died.',
      remedy: `Look at why, then run the same command again:\n  journalctl -e | grep ${vmid}`,
    };
  }
  return undefined;
}

function agentLate(progress: WaitProgress): Diagnostic {
  const vmid = progress.operation.in;
  return {
    code: 'guest/agent-not-answering',
    severity: 'error',
    summary: 'The guest agent does not answer',
    detail: [
      progress.operation.for === 'agent'
        ? `${vmid} runs and has a channel for an agent, but none answered within ${limit(progress)}.`
        : `It did before, and stopped while the Cloud-Init of ${vmid} was waited for ${limit(progress)}.`,
      ...lastSeen(progress),
    ].join('\n'),
    remedy:
      'Is qemu-guest-agent installed and running in it? Many cloud images come without one.\n' +
      `  qm terminal ${vmid}\n` +
      'Once it answers, run the same command again: it goes on from here.',
  };
}

function cloudInitLate(progress: WaitProgress, stage: string | undefined): Diagnostic {
  const vmid = progress.operation.in;
  const where = stage === undefined ? '' : ` It was in stage ${stage}.`;
  return {
    code: 'guest/cloud-init-late',
    severity: 'error',
    summary: 'Cloud-Init has not come to its end',
    detail: [
      `${vmid} was waited for ${limit(progress)}, and its Cloud-Init still works.${where}`,
      ...lastSeen(progress),
    ].join('\n'),
    remedy:
      'Packages over a slow network can take longer: run the same command again. Or look into it:\n' +
      `  qm guest exec ${vmid} -- tail -n 30 /var/log/cloud-init-output.log`,
  };
}

function degraded({ in: vmid }: WaitOperation, reasons: readonly string[]): Diagnostic {
  return {
    code: 'guest/cloud-init-degraded',
    severity: 'warning',
    summary: 'Cloud-Init is done, with errors that it got over',
    ...(reasons.length > 0 && { detail: reasons.join('\n') }),
    remedy: `See what it says in full:\n  qm guest exec ${vmid} -- cloud-init status --long`,
  };
}

function failed({ in: vmid }: WaitOperation, reasons: readonly string[]): Diagnostic {
  return {
    code: 'guest/cloud-init-failed',
    severity: 'error',
    summary: 'Cloud-Init failed',
    ...(reasons.length > 0 && { detail: reasons.join('\n') }),
    remedy:
      `See what went wrong:\n  qm guest exec ${vmid} -- tail -n 30 /var/log/cloud-init-output.log\n` +
      'Its first boot is over, so a mended definition reaches it only with --reseed, or made anew.',
  };
}

function lastSeen({ last, console: lines }: WaitProgress): readonly string[] {
  const message = last?.stderr.trim() ?? '';
  return [
    ...(message === '' ? [] : [`Last answer: ${message}`]),
    ...(lines && lines.length > 0 ? ['Last on its console:', ...lines.map((line) => `  ${line}`)] : []),
  ];
}

function limit({ operation }: WaitProgress): string {
  return `${Math.round(operation.timeoutMs / 1000)} s`;
}
