import type { AgentReply, Host } from '../host.ts';
import type { VolumeContent, World, WorldAgent, WorldGuest, WorldProcess } from '../world.ts';
import type { Clock } from './clock.ts';
import { systemOf } from './machine-system.ts';
import { runProgram } from './programs.ts';

/** Does the guest agent of a VM answer by now? It needs a channel, a system with an agent, and its time. */
export function isAgentUp(world: World, vmid: number): boolean {
  const running = world.guests[vmid]?.running;
  if (running === undefined || running.frozen === true || running.machine?.hasAgent === false) return false;
  const agent = agentOf(world, vmid);
  if (agent === undefined || !agent.isInstalled) return false;
  if (agent.answersLeft !== undefined && (running.answers ?? 0) >= agent.answersLeft) return false;
  // Of a VM that ran before anybody looked, the start is long past.
  if (running.bootedMs === undefined) return true;
  return world.clock >= running.bootedMs + (agent.startsAfterMs ?? 20_000);
}

/**
 * Why a program that goes in by the agent of a guest gets no answer; undefined where it does, and in
 * containers, which need none. An answer that is given counts.
 */
export async function agentComplaint(host: Host, world: World, vmid: number): Promise<string | undefined> {
  const path = `/etc/pve/nodes/${world.nodeName}/qemu-server/${vmid}.conf`;
  const text = world.files[path]?.text;
  const running = world.guests[vmid]?.running;
  if (text === undefined || running === undefined) return undefined;
  if (!/^agent:/m.test(text)) return 'No QEMU guest agent configured';
  if (!isAgentUp(world, vmid)) {
    await host.sleep(PING_MS);
    return 'QEMU guest agent is not running';
  }
  running.answers = (running.answers ?? 0) + 1;
  return undefined;
}

const PING_MS = 3_000;

/** Gives the agent of a VM a command; one that does not answer is waited for in vain. */
export async function answerAgent(
  world: World,
  clock: Clock,
  vmid: number,
  command: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<AgentReply> {
  const running = world.guests[vmid]?.running;
  if (running === undefined || !isAgentUp(world, vmid)) {
    await clock.sleep(10_000);
    return { isDone: false, message: `VM ${vmid} qmp command 'guest-${command}' failed - got timeout` };
  }
  running.answers = (running.answers ?? 0) + 1;
  await clock.sleep(5);
  const system = contentOf(world, vmid) ?? { files: {}, facts: [] };
  if (command === 'exec') return execute(world, running, system, parameters);
  if (command === 'exec-status') return status(world, running, Number(parameters['pid']));
  if (command === 'file-read') return readFile(system, String(parameters['path']));
  if (command === 'file-write') {
    system.files[String(parameters['path'])] = String(parameters['content']);
    return done({});
  }
  const simple = ANSWERS[command]?.(world, system);
  return simple === undefined ? refused(`The command guest-${command} has not been found`) : done(simple);
}

const ANSWERS: Readonly<Record<string, (world: World, system: VolumeContent) => unknown>> = {
  ping: () => ({}),
  'set-user-password': () => ({}),
  'fsfreeze-freeze': () => 2,
  'fsfreeze-thaw': () => 2,
  'fsfreeze-status': () => 'thawed',
  fstrim: () => ({ paths: [{ minimum: 0, path: '/', trimmed: 0 }] }),
  'get-host-name': (_, system) => ({ 'host-name': (system.files['/etc/hostname'] ?? 'localhost\n').trim() }),
  'get-osinfo': () => ({ id: 'debian', name: 'Debian GNU/Linux', 'version-id': '12' }),
  'get-time': (world) => world.clock * 1_000_000,
  'get-timezone': () => ({ offset: 0, zone: 'UTC' }),
  'get-users': () => [],
  'get-vcpus': () => [{ 'can-offline': false, 'logical-id': 0, online: true }],
  'get-fsinfo': () => [{ mountpoint: '/', name: 'sda1', type: 'ext4' }],
  'get-memory-blocks': () => [],
  'get-memory-block-info': () => ({ size: 134_217_728 }),
  'network-get-interfaces': () => [
    { name: 'lo', 'ip-addresses': [{ 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 }] },
  ],
  info: () => ({ version: '7.2.0' }),
};

type Running = NonNullable<WorldGuest['running']>;

function execute(
  world: World,
  running: Running,
  system: VolumeContent,
  parameters: Readonly<Record<string, unknown>>,
): AgentReply {
  const [path, given] = [String(parameters['path'] ?? ''), parameters['arg']];
  const argv = [path, ...(Array.isArray(given) ? given.map(String) : [])];
  if (system.missing?.includes(path) === true) {
    const reason = `Failed to execute child process “${path}” (No such file or directory)`;
    return refused(`Guest agent command failed, error was '${reason}'`);
  }
  if (/(^|\/)cloud-init$/.test(path) && argv[1] === 'status') return tellCloudInit(world, running, system);
  const process: WorldProcess = { endsMs: world.clock + PROGRAM_MS, result: {}, out: '', err: '' };
  const stdin = typeof parameters['input-data'] === 'string' ? parameters['input-data'] : '';
  const code = runProgram(system.files, argv, stdin, (stream, text) => {
    if (stream === 'stdout') process.out += text;
    else process.err += text;
  });
  if (/(^|\/)sleep$/.test(path)) process.endsMs = world.clock + Number(argv[1] ?? 0) * 1000;
  const isKilled = argv.some((word) => /kill -9 \$\$/.test(word));
  process.result = isKilled ? { signal: 9 } : { exitcode: code };
  return start(running, process);
}

const PROGRAM_MS = 100;

/** `cloud-init status --format json` as version 23.4 and later answer. */
function tellCloudInit(world: World, running: Running, { cloudInit }: VolumeContent): AgentReply {
  const { endsAfterMs = 25_000, ends = 'done', errors = [] } = cloudInit ?? {};
  const isOver = running.bootedMs === undefined || world.clock >= running.bootedMs + endsAfterMs;
  const isDegraded = isOver && ends === 'degraded';
  const hasFailed = isOver && ends === 'error';
  const status = {
    errors: hasFailed ? errors : [],
    extended_status: isDegraded ? 'degraded done' : hasFailed ? 'error - done' : isOver ? 'done' : 'running',
    recoverable_errors: isDegraded ? { WARNING: errors } : {},
    stage: isOver ? null : 'modules-config',
    status: hasFailed ? 'error' : isOver ? 'done' : 'running',
  };
  return start(running, {
    endsMs: world.clock + PROGRAM_MS,
    result: { exitcode: hasFailed ? 1 : isDegraded ? 2 : 0 },
    out: `${JSON.stringify(status, undefined, 2)}\n`,
    err: '',
  });
}

function start(running: Running, process: WorldProcess): AgentReply {
  const processes = (running.processes ??= {});
  const pid = 500 + (running.answers ?? 0);
  processes[pid] = process;
  return done({ pid });
}

function status(world: World, running: Running, pid: number): AgentReply {
  const process = running.processes?.[pid];
  if (process === undefined) return refused("Invalid parameter 'pid'");
  if (world.clock < process.endsMs) return done({ exited: false });
  // Who has been told of its end is told once.
  delete running.processes?.[pid];
  return done({
    exited: true,
    ...process.result,
    ...(process.out !== '' && { 'out-data': process.out, 'out-truncated': false }),
    ...(process.err !== '' && { 'err-data': process.err, 'err-truncated': false }),
  });
}

function readFile(system: VolumeContent, path: string): AgentReply {
  const text = system.files[path];
  return text === undefined
    ? refused(`failed to open file '${path}' (mode: 'r'): No such file or directory`)
    : done({ content: text });
}

function agentOf(world: World, vmid: number): WorldAgent | undefined {
  const content = contentOf(world, vmid);
  return content === undefined ? undefined : (content.agent ?? { isInstalled: true });
}

function contentOf(world: World, vmid: number): VolumeContent | undefined {
  const guest = world.guests[vmid];
  const machine = guest?.running?.machine;
  return machine === undefined ? guest?.content : (systemOf(world, machine) ?? guest?.content);
}

function done(value: unknown): AgentReply {
  return { isDone: true, value };
}

function refused(message: string): AgentReply {
  return { isDone: false, message };
}
