import type { Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';

import type { Host } from './host.ts';
import { watchedHost } from './watched-host.ts';

/**
 * What goes wrong with an operation. `fail`: it answers no, before or after it did its work. `hang`:
 * no answer comes, its work undone or done. `kill`: Phoenix dies; its tool was not started, has ended,
 * or is at its host call number `afterCalls` (from 0), and lives on or dies with it.
 */
export type Fault =
  | { readonly fault: 'fail' | 'hang'; readonly when: 'before' | 'after' }
  | { readonly fault: 'kill'; readonly tool: 'not-started' | 'has-ended' }
  | { readonly fault: 'kill'; readonly tool: 'survives' | 'dies'; readonly afterCalls: number };

/** Says what goes wrong with the `index`-th operation (from 0) that a node is asked for. */
export type Faults = (operation: Operation, index: number) => Fault | undefined;

/** Performs an operation with what goes wrong with it. */
export async function strike(struck: {
  readonly host: Host;
  readonly operation: Operation;
  readonly fault: Fault | undefined;
  readonly perform: (host: Host) => Promise<Outcome>;
  /** Ends Phoenix: nothing that it waits for arrives any more. */
  readonly die: () => void;
}): Promise<Outcome> {
  const { host, operation, fault, perform, die } = struck;
  if (!fault) return perform(host);
  if (fault.fault === 'kill') {
    const outlive = (on: Host): Promise<Outcome> => {
      const ended = perform(on);
      void leaveBehind(host, operation, ended);
      return ended;
    };
    await beginAndDie(host, fault, fault.tool === 'survives' ? outlive : perform);
    die();
    return LOST;
  }
  if (fault.when === 'after') await perform(host);
  if (fault.fault === 'fail') return FAILED;
  await host.sleep('timeoutMs' in operation ? operation.timeoutMs : TOOL_LIMIT_MS);
  return LOST;
}

async function beginAndDie(
  host: Host,
  fault: Extract<Fault, { fault: 'kill' }>,
  perform: (host: Host) => Promise<Outcome>,
): Promise<void> {
  switch (fault.tool) {
    case 'has-ended':
      await perform(host);
      break;
    case 'survives':
    case 'dies': {
      const watched = watchedHost(host, fault.afterCalls, fault.tool);
      await Promise.race([perform(watched.host), watched.reached]);
      break;
    }
    case 'not-started':
      break;
  }
}

/**
 * Shows a tool that Phoenix leaves behind until it has `ended`: by its process, whether or not it has a
 * task of Proxmox.
 */
export async function leaveBehind(host: Host, operation: Operation, ended: Promise<unknown>): Promise<void> {
  if (operation.op !== 'pve' || operation.vmid === undefined) return;
  const { end } = await host.beginTask('tool', String(operation.vmid));
  await ended.catch(() => {});
  await end();
}

/** When somebody would give up on a tool that says nothing. */
const TOOL_LIMIT_MS = 600_000;

const FAILED: Outcome = { exitCode: 255, stdout: '', stderr: 'a fault was asked for\n', kind: 'refused' };
const LOST: Outcome = { exitCode: null, stdout: '', stderr: '', kind: 'lost' };
