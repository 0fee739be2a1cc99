import type { Command } from '../call/command.ts';
import { refuseParameter, ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { ENOENT } from '../container/config.ts';
import { loadMachine } from '../machine/config.ts';
import { machinesOf } from '../machine/machines.ts';
import { printJson } from './json.ts';

/** `qm guest cmd`: a command of the agent that takes nothing; its answer as JSON. */
export const cmd: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseWithoutAgent(session, vmid);
    const command = parameters.demand('command');
    // The agent answers a shutdown by ending.
    if (command === 'shutdown') {
      await machinesOf(session).shutdown(vmid, 60_000);
      return;
    }
    const reply = await machinesOf(session).agent(vmid, command, {});
    printAnswer(session, reply.isDone ? reply.value : { error: { desc: reply.message } });
  },
};

/** `qm guest exec`: a program inside, waited for unless told otherwise; its end as JSON. */
export const exec: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const waits = parameters.text('synchronous') !== '0';
    const timeout = parameters.number('timeout');
    if (timeout !== undefined && !waits)
      throw refuseParameter('synchronous', "needs to be set for 'timeout'");
    const input = parameters.flag('pass-stdin') ? stdinOf(session) : undefined;
    if (input !== undefined && input.length > 1024 ** 2) {
      throw new ToolError("'input-data' (STDIN) is limited to 1 MiB, aborting");
    }
    const [path, ...args] = parameters.words('extra-args');
    await refuseWithoutAgent(session, vmid);
    if (path === undefined && input === undefined) {
      throw new ToolError('command or input-data (or both) required');
    }
    const started = await ask(session, vmid, 'exec', {
      ...(path !== undefined && { path, arg: args }),
      ...(input !== undefined && { 'input-data': input }),
      'capture-output': true,
    });
    const pid = numberIn(started, 'pid');
    if (!waits) return printAnswer(session, { pid });
    const until = timeout === 0 ? Infinity : session.host.now() + (timeout ?? 30) * 1000;
    while (session.host.now() < until) {
      const end = await statusOf(session, vmid, pid);
      if (end['exited'] === 1) return printAnswer(session, end);
      await session.host.sleep(1_000);
    }
    session.warn('timeout reached, returning pid');
    printAnswer(session, { pid });
  },
};

/** `qm guest exec-status`: how a program inside is, or how it ended. */
export const execStatus: Command = {
  run: async (session, parameters) => {
    await refuseWithoutAgent(session, parameters.vmid);
    printAnswer(session, await statusOf(session, parameters.vmid, parameters.number('pid') ?? 0));
  },
};

/** `qm guest passwd`: the password comes from the terminal. */
export const passwd: Command = {
  run: async (session, parameters) => {
    await refuseWithoutAgent(session, parameters.vmid);
    await ask(session, parameters.vmid, 'set-user-password', {
      username: parameters.demand('username'),
      password: parameters.demand('password'),
      crypted: parameters.flag('crypted'),
    });
  },
};

async function refuseWithoutAgent(session: Session, vmid: number): Promise<void> {
  const config = await loadMachine(session, vmid);
  if (!config.head.keys.has('agent')) throw new ToolError('No QEMU guest agent configured');
  if ((await machinesOf(session).find(vmid)) === undefined) {
    throw new ToolError(`VM ${vmid} is not running`, ENOENT);
  }
  if (!(await machinesOf(session).agentAnswers(vmid))) {
    throw new ToolError('QEMU guest agent is not running');
  }
}

async function ask(
  session: Session,
  vmid: number,
  command: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const reply = await machinesOf(session).agent(vmid, command, parameters);
  if (reply.isDone) return reply.value;
  if (!/^[ -~]*$/.test(reply.message)) {
    session.warn('Wide character in die at /usr/share/perl5/PVE/RESTHandler.pm line 930.');
  }
  throw new ToolError(`Agent error: ${reply.message}`, ESPIPE);
}

/** Illegal seek: what talking to the agent leaves behind. */
const ESPIPE = 29;

async function statusOf(session: Session, vmid: number, pid: number): Promise<Record<string, unknown>> {
  const answer = await ask(session, vmid, 'exec-status', { pid });
  const fields = typeof answer === 'object' && answer !== null ? Object.entries(answer) : [];
  return Object.fromEntries(
    fields.map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  );
}

function numberIn(value: unknown, key: string): number {
  const found = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Number(found.find(([name]) => name === key)?.[1] ?? 0);
}

function stdinOf(session: Session): string {
  return session.stdin === undefined || session.stdin === 'inherit' ? '' : session.stdin;
}

/** An empty answer is printed as nothing. */
function printAnswer(session: Session, value: unknown): void {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return;
  session.print(printJson(value));
}
