import type { CommandResult } from '../model/node.ts';
import type { WaitOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Host } from './host.ts';
import type { TwinMachine } from './run-operation.ts';
import { runTool } from './tools.ts';
import type { World } from './world.ts';

/** Waits on the virtual clock for a state of a guest; an agent and Cloud-Init are asked as a node would. */
export async function waitOnTwin(
  { world, host, dialect }: TwinMachine,
  operation: WaitOperation,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const until = host.now() + operation.timeoutMs;
  for (;;) {
    const isTimedOut = host.now() >= until || signal?.aborted === true;
    const outcome = isAsked(operation)
      ? dialect.judgeWait({ operation, last: await askGuest(host, operation), isTimedOut })
      : look(world, operation, isTimedOut);
    if (outcome) return outcome;
    await host.sleep(isAsked(operation) ? ASK_MS : LOOK_MS);
  }
}

const LOOK_MS = 200;
const ASK_MS = 1000;

function isAsked({ in: place, for: state }: WaitOperation): boolean {
  return place !== 'node' && (state === 'agent' || state === 'cloud-init');
}

function look(world: World, operation: WaitOperation, isTimedOut: boolean): Outcome | undefined {
  if (isReached(world, operation)) return { exitCode: 0, stdout: '', stderr: '', kind: 'done' };
  return isTimedOut ? { exitCode: null, stdout: '', stderr: '', kind: 'lost' } : undefined;
}

function isReached(world: World, { in: place, for: state }: WaitOperation): boolean {
  if (state === 'task') return !Object.values(world.tasks).some(({ id }) => id === String(place));
  const isUp = place === 'node' || world.guests[place]?.running !== undefined;
  return state === 'stopped' ? place !== 'node' && !isUp : isUp;
}

async function askGuest(host: Host, { in: place, for: state }: WaitOperation): Promise<CommandResult> {
  const vmid = String(place);
  if (state === 'agent') return runTool(host, ['qm', 'guest', 'cmd', vmid, 'ping']);
  const words = ['cloud-init', 'status', '--format', 'json'];
  const end = await runTool(host, ['qm', 'guest', 'exec', vmid, '--', ...words]);
  return end.rc === 0 ? (programEnd(end.stdout) ?? end) : end;
}

/** How the program ended that the tool tells of. */
function programEnd(text: string): CommandResult | undefined {
  const told: unknown = JSON.parse(text);
  const fields = new Map(typeof told === 'object' && told !== null ? Object.entries(told) : []);
  const code = fields.get('exitcode');
  if (typeof code !== 'number') return undefined;
  return {
    rc: code,
    stdout: String(fields.get('out-data') ?? ''),
    stderr: String(fields.get('err-data') ?? ''),
  };
}
