import type { Node, RunOptions } from '../model/node.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { GuestKind, Place } from '../model/target.ts';
import { NodeUnreachable } from '../model/unreachable.ts';
import type { Secret } from '../model/value.ts';
import { parseObservation } from '../pve/observation.ts';
import { renderArgv, renderStdin } from '../pve/render.ts';
import { check } from './check.ts';
import { confirmChange, type ConfirmWays } from './confirm.ts';
import { editConfig } from './edit-config.ts';
import { maskedOutput, runIn, runOn, type Machine } from './machine.ts';
import { maskOf, secretsIn, type Mask } from './mask.ts';
import { refused, toolOutcome } from './outcome.ts';
import { probeArgv } from './probe.ts';
import { runProgram } from './run-program.ts';
import { waitFor } from './wait-for.ts';
import { writeFile } from './write-file.ts';

/** What every real node has in common, whichever way it is reached. */
export type Reach = {
  readonly title: string;
  readonly machine: Omit<Machine, 'isVm'>;
  /** Secrets of the folder, masked in all output. */
  readonly secrets: readonly Secret[];
  /** Runs a program there over a connection that is made for it alone; absent on the machine itself. */
  readonly fresh?: ConfirmWays['run'];
  /** What to do where it cannot be observed. */
  readonly remedy: string;
};

/**
 * Observes a Proxmox host and does things to it: `pct` and its fellows as processes, one process an
 * observation and one an operation. A `pct` that runs is never interrupted: it would leave its worker
 * behind.
 */
export function nodeOf(reach: Reach): Pick<Node, 'title' | 'observe' | 'run' | 'command'> {
  const { title, secrets, fresh, remedy } = reach;
  const kinds = new Map<number, GuestKind>();
  const machine: Machine = { ...reach.machine, isVm: (vmid) => kinds.get(vmid) === 'vm' };
  const maskAll = maskOf(secrets);
  const observe: Node['observe'] = async (scope, needs, { signal } = {}) => {
    const end = await runOn(machine, probeArgv(scope, needs), { signal, keep: Infinity });
    if (end.rc !== 0) throw unobservable(title, maskAll(end.stderr), remedy);
    const observation = parseObservation(end.stdout);
    for (const { vmid, kind } of observation.guests.values()) kinds.set(vmid, kind);
    return observation;
  };
  /** Looks what a guest is that no observation has told of yet. */
  const learn = async (place: Place): Promise<void> => {
    if (place === 'node' || kinds.has(place)) return;
    await observe([place], { paths: [], volumesOf: [] }).catch(() => {});
  };
  return {
    title,
    observe,
    run: async (operation, runOptions) => {
      if ('in' in operation) await learn(operation.in);
      const own = secretsIn(operation);
      const mask = own.length === 0 ? maskAll : maskOf([...secrets, ...own]);
      return runOperation({ machine, fresh }, operation, mask, runOptions);
    },
    command: async (argv, { in: vmid, stdin, signal, onText }) => {
      const place: Place = vmid ?? 'node';
      await learn(place);
      const end = await runIn(machine, place, argv, {
        stdin,
        signal,
        onText: onText && ((stream, text) => onText(stream, maskAll(text))),
        keep: onText ? 0 : Infinity,
      });
      return {
        rc: end.rc ?? (end.ended === 'missing' ? 127 : 130),
        stdout: maskAll(end.stdout),
        stderr: maskAll(end.stderr),
      };
    },
  };
}

type Session = { readonly machine: Machine; readonly fresh: ConfirmWays['run'] | undefined };

async function runOperation(
  { machine, fresh }: Session,
  operation: Operation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  switch (operation.op) {
    case 'pve':
      return runTool(machine, operation, mask, options);
    case 'edit':
      return editConfig(machine, operation, mask, options);
    case 'write':
      return writeFile(machine, operation, mask, options);
    case 'exec': {
      const { in: place, argv, script, env = {}, timeoutMs } = operation;
      return runProgram(machine, { in: place, argv, script, env, timeoutMs }, mask, options);
    }
    case 'wait':
      return waitFor(machine, operation, mask, options);
    case 'check':
      return check(machine, operation, mask, options);
    case 'confirm':
      return confirmChange(operation, waysOf({ machine, fresh }, options), mask, options);
  }
}

async function runTool(
  machine: Machine,
  operation: Extract<Operation, { op: 'pve' }>,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  let argv: string[];
  try {
    argv = renderArgv(operation);
  } catch (error) {
    return refused({
      code: 'node/cannot-render',
      severity: 'error',
      summary: `${operation.call} cannot be called so`,
      detail: mask(error instanceof Error ? error.message : String(error)),
    });
  }
  const stdin = renderStdin(operation);
  const end = await runOn(machine, argv, { stdin, onLine: maskedOutput(options, mask) });
  return toolOutcome(end, mask);
}

/* From outside the fresh connection is the proof; on the machine itself it is the gateway and a person's yes. */
function waysOf({ machine, fresh }: Session, { ask }: RunOptions): ConfirmWays {
  return fresh ? { run: fresh } : { run: (argv, limits) => runOn(machine, argv, limits), ask };
}

function unobservable(title: string, stderr: string, remedy: string): NodeUnreachable {
  return new NodeUnreachable({
    code: 'node/unreachable',
    severity: 'error',
    summary: `The node ${title} cannot be observed`,
    detail: stderr.trim().split('\n').slice(-5).join('\n'),
    remedy,
  });
}
