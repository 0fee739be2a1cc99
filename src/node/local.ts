import type { Node, RunOptions } from '../model/node.ts';
import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { GuestKind, Place } from '../model/target.ts';
import { NodeUnreachable } from '../model/unreachable.ts';
import type { Secret } from '../model/value.ts';
import { parseObservation } from '../pve/observation.ts';
import { renderArgv, renderStdin } from '../pve/render.ts';
import { check } from './check.ts';
import { takeClusterLock } from './cluster-lock.ts';
import { confirmChange, type ConfirmWays } from './confirm.ts';
import { editConfig } from './edit-config.ts';
import { journalFiles } from './journal-files.ts';
import { maskedOutput, runIn, runOn, type Machine } from './machine.ts';
import { maskOf, secretsIn, type Mask } from './mask.ts';
import { refused, toolOutcome } from './outcome.ts';
import { pause } from './pause.ts';
import { probeArgv } from './probe.ts';
import { runProgram } from './run-program.ts';
import { waitFor } from './wait-for.ts';
import { writeFile } from './write-file.ts';

export type LocalNodeOptions = {
  /** For people: `local` (the default), `sandbox`. */
  readonly title?: string;
  /** Put before every command: nothing, or an `nsenter …` that enters a sandbox's namespaces. */
  readonly spawnPrefix?: readonly string[];
  /** Where the node's files are seen: at `/`, or at `/proc/<pid>/root`. */
  readonly root?: string;
  /** Environment of the node's commands; absent: that of Phoenix. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Secrets of the folder, masked in all output. */
  readonly secrets?: readonly Secret[];
  /** A Node.js to ask services over the network with; default `node`. */
  readonly nodePath?: string;
  /** Asks whoever sits at the terminal whether a change of the network is to stay; absent where nobody does. */
  readonly ask?: ConfirmWays['ask'];
};

/**
 * A Proxmox host on this machine, or one in namespaces of it: `pct` and its fellows as processes,
 * files by their paths. One observation is one process, so is every operation; the lock and the
 * journal need none. A `pct` that runs is never interrupted: it would leave its worker behind.
 */
export function localNode(options: LocalNodeOptions = {}): Node {
  const { title = 'local', spawnPrefix = [], root = '', env, secrets = [], nodePath = 'node', ask } = options;
  const kinds = new Map<number, GuestKind>();
  const isVm = (vmid: number): boolean => kinds.get(vmid) === 'vm';
  const machine: Machine = { spawnPrefix, root, env, nodePath, isVm };
  const journal = journalFiles(`${root}/var/lib/phoenix/journal`);
  const maskAll = maskOf(secrets);
  const observe: Node['observe'] = async (scope, needs, { signal } = {}) => {
    const end = await runOn(machine, probeArgv(scope, needs), { signal, keep: Infinity });
    if (end.rc !== 0) throw unobservable(title, maskAll(end.stderr));
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
      return runOperation({ machine, ask }, operation, mask, runOptions);
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
    lock: (purpose) => takeClusterLock(root, purpose, Date.now()),
    journal: { append: journal.append, finish: journal.finish },
    sleep: pause,
    now: () => Date.now(),
    close: journal.close,
  };
}

type Session = { readonly machine: Machine; readonly ask: LocalNodeOptions['ask'] };

async function runOperation(
  { machine, ask }: Session,
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
      return confirmChange(operation, waysOf(machine, ask), mask, options);
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

function waysOf(machine: Machine, ask: LocalNodeOptions['ask']): ConfirmWays {
  return { run: (argv, limits) => runOn(machine, argv, limits), ask };
}

function unobservable(title: string, stderr: string): NodeUnreachable {
  return new NodeUnreachable({
    code: 'node/unreachable',
    severity: 'error',
    summary: `The node ${title} cannot be observed`,
    detail: stderr.trim().split('\n').slice(-5).join('\n'),
    remedy: 'Phoenix must run as root on the node.',
  });
}
