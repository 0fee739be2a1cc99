import type { GuestId } from '../../../model/target.ts';
import { HostError } from '../../../twin/host.ts';
import { type JsonMessage, openJsonSocket } from './json-socket.ts';
import { runtimeFile } from './runtime-files.ts';

/** One command of QEMU's monitor protocol. */
export type QmpCommand = {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** An event of a device by its id that ends the command. */
  readonly until?: { readonly event: string; readonly device: string };
};

/** Gives the QEMU of a VM commands one after the other, and what each returned. */
export async function qmp(vmid: GuestId, commands: readonly QmpCommand[]): Promise<readonly unknown[]> {
  let execute = 'qmp_capabilities';
  try {
    const socket = await openJsonSocket(runtimeFile(vmid, 'qmp'), TIMEOUT_MS);
    try {
      await socket.receive((message) => 'QMP' in message);
      socket.send({ execute });
      await socket.receive(isAnswer);
      const answers: unknown[] = [];
      for (const command of commands) {
        ({ execute } = command);
        const { until, ...words } = command;
        socket.send(words);
        const answer = await socket.receive(isAnswer);
        if ('error' in answer) throw new Error(describe(answer['error']));
        if (until !== undefined) await socket.receive((message) => isEvent(message, until));
        answers.push(answer['return']);
      }
      return answers;
    } finally {
      socket.close();
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new HostError(`VM ${vmid} qmp command '${execute}' failed - ${said}`);
  }
}

/** Gives QEMU a line of its monitor for people; rejects with what that says against it. */
export async function monitor(vmid: GuestId, line: string): Promise<void> {
  const command = { execute: 'human-monitor-command', arguments: { 'command-line': line } };
  const said = String((await qmp(vmid, [command]))[0]).trim();
  if (said !== '' && said !== 'OK') throw new HostError(said);
}

const TIMEOUT_MS = 10_000;

function isAnswer(message: JsonMessage): boolean {
  return 'return' in message || 'error' in message;
}

function isEvent(message: JsonMessage, { event, device }: { event: string; device: string }): boolean {
  if (message['event'] !== event) return false;
  const data = message['data'];
  return typeof data === 'object' && data !== null && 'device' in data && data.device === device;
}

function describe(error: unknown): string {
  return typeof error === 'object' && error !== null && 'desc' in error ? String(error.desc) : String(error);
}
