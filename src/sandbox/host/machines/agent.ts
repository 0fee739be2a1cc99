import type { GuestId } from '../../../model/target.ts';
import type { AgentReply, HostMachines } from '../../../twin/host.ts';
import { openJsonSocket } from './json-socket.ts';
import { runtimeFile } from './runtime-files.ts';

type Agent = Pick<HostMachines, 'agent' | 'agentAnswers'>;

/** Does the agent inside answer a ping within three seconds? */
export const agentAnswers: Agent['agentAnswers'] = async (vmid) =>
  (await talk(vmid, 'ping', {}, PING_MS)).isDone;

/** Gives the agent a command. What travels encoded by QEMU's protocol is plain text here. */
export const askAgent: Agent['agent'] = async (vmid, command, parameters) => {
  const reply = await talk(vmid, command, encode(command, parameters), timeoutOf(command));
  return reply.isDone ? { isDone: true, value: decode(command, reply.value) } : reply;
};

/** Asks the system inside to end; it does not answer that. */
export async function askToPowerDown(vmid: GuestId): Promise<void> {
  const socket = await openJsonSocket(runtimeFile(vmid, 'qga'), PING_MS);
  try {
    socket.send({ execute: 'guest-shutdown', arguments: { mode: 'powerdown' } });
    // It says nothing where all is well, and ends: what comes first of the two is waited for.
    await socket.receive((message) => 'error' in message).catch(() => undefined);
  } finally {
    socket.close();
  }
}

const PING_MS = 3_000;

function timeoutOf(command: string): number {
  return command.startsWith('fsfreeze') || command === 'fstrim' ? 60_000 : 10_000;
}

async function talk(
  vmid: GuestId,
  command: string,
  parameters: Readonly<Record<string, unknown>>,
  timeoutMs: number,
): Promise<AgentReply> {
  try {
    const socket = await openJsonSocket(runtimeFile(vmid, 'qga'), timeoutMs);
    try {
      // What an earlier caller did not wait for may still come: answers count from our own number on.
      const id = Math.floor(Math.random() * 2 ** 31);
      socket.send({ execute: 'guest-sync', arguments: { id } });
      await socket.receive((message) => message['return'] === id);
      socket.send({ execute: `guest-${command}`, arguments: parameters });
      const answer = await socket.receive((message) => 'return' in message || 'error' in message);
      if (!('error' in answer)) return { isDone: true, value: answer['return'] };
      const { error } = answer;
      const isTold = typeof error === 'object' && error !== null && 'desc' in error;
      return { isDone: false, message: isTold ? String(error.desc) : String(error) };
    } finally {
      socket.close();
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { isDone: false, message: `VM ${vmid} qmp command 'guest-${command}' failed - ${said}` };
  }
}

const ENCODED: Readonly<Record<string, string>> = { exec: 'input-data', 'set-user-password': 'password' };

function encode(
  command: string,
  parameters: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const key = ENCODED[command];
  const text = key === undefined ? undefined : parameters[key];
  if (key === undefined || typeof text !== 'string') return parameters;
  return { ...parameters, [key]: Buffer.from(text).toString('base64') };
}

function decode(command: string, value: unknown): unknown {
  if (command !== 'exec-status' || typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]: [string, unknown]) => [
    key,
    key === 'out-data' || key === 'err-data' ? Buffer.from(String(field), 'base64').toString() : field,
  ]);
  return Object.fromEntries(fields) as unknown;
}
