import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeUnreachable } from '../../model/unreachable.ts';
import type { ConfirmWays } from '../confirm.ts';
import { runProcess, type ProcessEnd, type ProcessOptions } from '../process.ts';
import { printSshAddress, type SshAddress } from './address.ts';
import { remoteCall } from './remote-call.ts';
import { REMOTE_SH, REMOTE_STOP_SH } from './remote-programs.ts';
import { unreachableBySsh } from './unreachable.ts';

/** One connection to another machine, over which commands are run. */
export type SshConnection = {
  readonly title: string;
  /** Runs a command there, as `runProcess` does here. */
  readonly run: (argv: readonly string[], options: ProcessOptions) => Promise<ProcessEnd>;
  /** Starts a command there that is talked with. */
  readonly start: (argv: readonly string[]) => Promise<ChildProcess>;
  /** Runs a command over a connection of its own, made now; to `host` where it has moved there. */
  readonly runFresh: ConfirmWays['run'];
  /** What it means that the connection ended, from what `ssh` said. */
  readonly unreachable: (said: string) => NodeUnreachable;
  readonly close: () => Promise<void>;
};

export type SshOptions = {
  /** May `ssh` ask for a passphrase, a password or about a host key? Only where somebody sits at a terminal. */
  readonly isTerminal: boolean;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
};

/**
 * Connects with the system's OpenSSH, as the user's configuration, agent and known hosts say. The
 * connection is a master that every command shares; it ends with `close`, or a minute after we are gone.
 * Throws `NodeUnreachable`.
 */
export async function connectSsh(
  address: SshAddress,
  { isTerminal, env }: SshOptions,
): Promise<SshConnection> {
  const title = printSshAddress(address);
  const folder = await mkdtemp(join(plainFolder(), 'phoenix-ssh-'));
  const unreachable = (said: string): NodeUnreachable => unreachableBySsh(address, said);
  const words = (mode: 'yes' | 'no' | 'fresh', ...more: readonly string[]): string[] => [
    'ssh',
    ...Object.entries({
      ...SETTINGS,
      ControlMaster: mode === 'yes' ? 'yes' : 'no',
      ControlPath: mode === 'fresh' ? 'none' : join(folder, 'master'),
      ...(mode === 'fresh' && { ConnectTimeout: '4' }),
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(mode === 'yes' && isTerminal ? [] : ['-o', 'BatchMode=yes']),
    ...(address.user === undefined ? [] : ['-l', address.user]),
    ...(address.port === undefined ? [] : ['-p', String(address.port)]),
    ...more,
    '--',
    address.host,
  ];
  const log = join(folder, 'log');
  const code = await spawnMaster(words('yes', '-f', '-N', '-E', log), isTerminal, env);
  if (code !== 0) {
    const said = typeof code === 'string' ? code : await readFile(log, 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    throw unreachable(said);
  }
  const enter = turnstile(MOST_SESSIONS);
  return {
    title,
    unreachable,
    run: async (argv, options) => {
      const token = randomUUID();
      const leave = options.isUrgent === true ? () => {} : await enter();
      try {
        const { line, stdin } = remoteCall(marked(argv, token), options.stdin);
        const stop = (): Promise<void> => stopRemote(token);
        return await runRemote([...words('no'), line], token, { ...options, stdin, env, stop });
      } finally {
        leave();
      }
    },
    start: async (argv) => {
      const { spawn } = await import('node:child_process');
      const { line } = remoteCall(marked(argv, randomUUID()), undefined);
      const [file = '', ...rest] = [...words('no'), line];
      return spawn(file, rest, { detached: true, env, stdio: ['pipe', 'pipe', 'pipe'] });
    },
    runFresh: async (argv, limits, host) => {
      const elsewhere = host === undefined ? [] : movedTo(host, address);
      const { line } = remoteCall(argv, undefined);
      return await runProcess([...words('fresh', ...elsewhere), line], { ...limits, env });
    },
    close: async () => {
      await runProcess(words('no', '-O', 'exit'), { env, timeoutMs: 5000 });
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function stopRemote(token: string): Promise<void> {
    const { line } = remoteCall(['sh', '-c', REMOTE_STOP_SH, 'phoenix-stop', token], undefined);
    await runProcess([...words('no'), line], { env, timeoutMs: STOP_MS });
  }
}

/* Under another address it must still have the key that it is known by. */
function movedTo(host: string, { host: known, port }: SshAddress): readonly string[] {
  const alias = port === undefined || port === 22 ? known : `[${known}]:${port}`;
  return ['-o', `HostName=${host}`, '-o', `HostKeyAlias=${alias}`];
}

/** A host that says nothing for fifteen seconds is gone. What the user's configuration may add would be in the way. */
const SETTINGS = {
  ControlPersist: '60',
  ConnectTimeout: '15',
  ServerAliveInterval: '5',
  ServerAliveCountMax: '3',
  ClearAllForwardings: 'yes',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  PermitLocalCommand: 'no',
  RemoteCommand: 'none',
  RequestTTY: 'no',
} as const;

/** sshd takes ten sessions of a connection (MaxSessions); the lock has one, and one is for ending others. */
const MOST_SESSIONS = 8;
const STOP_MS = 25_000;

function marked(argv: readonly string[], token: string): string[] {
  return ['sh', '-c', REMOTE_SH, 'phoenix-ssh', token, ...argv];
}

async function runRemote(
  argv: readonly string[],
  token: string,
  options: ProcessOptions,
): Promise<ProcessEnd> {
  const mark = `phoenix-ssh ${token}`;
  let isMarked = false;
  const { onLine, onText } = options;
  const end = await runProcess(argv, {
    ...options,
    onLine:
      onLine &&
      (({ stream, text }) => {
        if (!text.endsWith(mark)) onLine({ stream, text });
        else if (text !== mark) onLine({ stream, text: text.slice(0, -mark.length) });
      }),
    onText:
      onText &&
      ((stream, text) => {
        const isLast = stream === 'stderr' && text.endsWith(`${mark}\n`);
        isMarked ||= isLast;
        const rest = isLast ? text.slice(0, -mark.length - 1) : text;
        if (rest !== '') onText(stream, rest);
      }),
  });
  isMarked ||= end.stderr.endsWith(`${mark}\n`);
  if (end.rc !== 255) return end;
  if (!isMarked) return { ...end, rc: null, ended: 'disconnected' };
  return { ...end, stderr: end.stderr.replace(`${mark}\n`, '') };
}

/** Its exit code once it has logged in and gone to the background; a text where it could not be started. */
async function spawnMaster(
  [file = '', ...args]: readonly string[],
  isTerminal: boolean,
  env: SshOptions['env'],
): Promise<number | string> {
  const { spawn } = await import('node:child_process');
  const stdio = isTerminal ? ('inherit' as const) : ('ignore' as const);
  return new Promise((resolve) => {
    const child = spawn(file, args, { detached: !isTerminal, env, stdio: [stdio, 'ignore', stdio] });
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code) => resolve(code ?? 130));
  });
}

/** `ssh` reads `%` in the path of a socket, whose length is limited too. */
function plainFolder(): string {
  const folder = tmpdir();
  return /^[A-Za-z0-9._/-]{1,60}$/.test(folder) ? folder : '/tmp';
}

function turnstile(width: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async () => {
    if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside++;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      const next = waiting.shift();
      if (next) next();
      else inside--;
    };
  };
}
