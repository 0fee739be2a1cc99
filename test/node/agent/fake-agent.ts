import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, type ProcessEnd, type ProcessOptions } from '../../../src/node/process.ts';
import { inMachine } from '../../../src/node/agent/index.ts';

export const VMID = 1001;

type Request = { readonly execute: string; readonly arguments?: Readonly<Record<string, unknown>> };

export type FakeOptions = {
  /** Commands that its policy forbids. */
  readonly disabled?: readonly string[];
  /** Bytes that it says before each answer to a sync. */
  readonly before?: (id: number) => string | Buffer;
  /** Called with each request; what it gives is answered instead, `'nothing'` not at all. */
  readonly answer?: (request: Request, socket: Socket) => object | 'nothing' | undefined;
};

export type FakeAgent = {
  /** Where its socket and its pid file are. */
  readonly folder: string;
  /** What stands for /run/phoenix in it. */
  readonly home: string;
  /** Commands that it was given, in order. */
  readonly asked: string[];
  /** How many connections were open at once at most, and how many there were. */
  readonly connections: { most: number; all: number };
  /** As a restart of the agent does: it knows no handle and no program any more. */
  readonly forget: () => void;
  /** Runs a command through it as Phoenix does. */
  readonly run: (argv: readonly string[], options?: ProcessOptions) => Promise<ProcessEnd>;
  readonly close: () => Promise<void>;
};

/**
 * A guest agent as qemu-ga is one, on a socket of its own; it runs programs on this machine, with a
 * folder of its own in place of /run/phoenix. Like QEMU it serves one connection at a time.
 */
export async function fakeAgent(options: FakeOptions = {}): Promise<FakeAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-agent-'));
  const home = join(folder, 'run');
  mkdirSync(home);
  const here = (text: string): string => text.replaceAll('/run/phoenix', home);
  const asked: string[] = [];
  const connections = { most: 0, all: 0 };
  let programs = new Map<number, Status>();
  let files = new Map<number, number>();
  let handle = 1000;

  const perform = (request: Request): unknown => {
    const { execute, arguments: given = {} } = request;
    switch (execute) {
      case 'guest-fsfreeze-status':
        return 'thawed';
      case 'guest-exec':
        return { pid: start(programs, given, here) };
      case 'guest-exec-status': {
        const found = programs.get(Number(given['pid']));
        if (!found) throw new Error("Invalid parameter 'pid'");
        if (found.exited) programs.delete(Number(given['pid']));
        return found;
      }
      case 'guest-file-open':
        files.set(++handle, openSync(here(String(given['path'])), String(given['mode'])));
        return handle;
      case 'guest-file-close':
        closeSync(fileOf(files, given));
        files.delete(Number(given['handle']));
        return {};
      case 'guest-file-read': {
        const buffer = Buffer.alloc(Number(given['count']));
        const count = readSync(fileOf(files, given), buffer);
        return { count, 'buf-b64': buffer.subarray(0, count).toString('base64'), eof: count < buffer.length };
      }
      case 'guest-file-write':
        return {
          count: writeSync(fileOf(files, given), Buffer.from(String(given['buf-b64']), 'base64')),
          eof: false,
        };
      case 'guest-file-flush':
        fileOf(files, given);
        return {};
      case 'guest-file-seek':
        // Read again from its beginning: what comes before the offset is passed over.
        readSync(fileOf(files, given), Buffer.alloc(Number(given['offset'])));
        return { position: given['offset'], eof: false };
      default:
        throw Object.assign(new Error(`The command ${execute} has not been found`), {
          class: 'CommandNotFound',
        });
    }
  };

  const serve = (socket: Socket, request: Request): void => {
    asked.push(request.execute);
    const instead = options.answer?.(request, socket);
    if (instead === 'nothing') return;
    if (instead) return void socket.write(`${JSON.stringify(instead)}\n`);
    if (request.execute === 'guest-sync-delimited') {
      const id = Number(request.arguments?.['id']);
      socket.write(options.before?.(id) ?? '');
      socket.write(Buffer.concat([Buffer.from([0xff]), Buffer.from(`${JSON.stringify({ return: id })}\n`)]));
    } else if (options.disabled?.includes(request.execute)) {
      const error = { class: 'CommandNotFound', desc: `Command ${request.execute} has been disabled` };
      socket.write(`${JSON.stringify({ error })}\n`);
    } else socket.write(`${JSON.stringify(tried(() => perform(request)))}\n`);
  };

  let last: Promise<void> = Promise.resolve();
  let open = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    connections.all++;
    socket.on('error', () => {});
    last = last.then(
      () =>
        new Promise((done) => {
          connections.most = Math.max(connections.most, ++open);
          let text = '';
          socket.on('close', () => {
            open--;
            done();
          });
          socket.setEncoding('latin1').on('data', (chunk: string) => {
            const lines = (text + chunk).split('\n');
            text = lines.pop() ?? '';
            for (const line of lines) {
              serve(
                socket,
                JSON.parse(Buffer.from(line.replace(/^.*\xFF/, ''), 'latin1').toString()) as Request,
              );
            }
          });
          socket.resume();
        }),
    );
  });
  await new Promise<void>((resolve) => server.listen(join(folder, `${VMID}.qga`), resolve));
  writeFileSync(join(folder, `${VMID}.pid`), `${process.pid}\n`);
  return {
    folder,
    home,
    asked,
    connections,
    forget: () => {
      programs = new Map();
      for (const file of files.values()) closeSync(file);
      files = new Map();
    },
    run: (argv, processOptions = {}) => runProcess(inMachine(VMID, argv, folder), processOptions),
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Status = {
  exited: boolean;
  exitcode?: number;
  signal?: number;
  'out-data'?: string;
  'err-data'?: string;
};

function start(
  programs: Map<number, Status>,
  given: Readonly<Record<string, unknown>>,
  here: (text: string) => string,
): number {
  const words = (given['arg'] as string[]).map(here);
  const env = Object.fromEntries((given['env'] as string[]).map((one) => one.split(/=(.*)/s).slice(0, 2)));
  const child = spawn(String(given['path']), words, { env: env as Record<string, string>, detached: true });
  const status: Status = { exited: false };
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('latin1')));
  child.stdout.resume();
  child.stdin.on('error', () => {});
  child.stdin.end(Buffer.from(String(given['input-data'] ?? ''), 'base64'));
  child.on('close', (code, signal) => {
    status.exited = true;
    if (signal) status.signal = signal === 'SIGKILL' ? 9 : 15;
    else status.exitcode = code ?? 0;
    if (err !== '') status['err-data'] = Buffer.from(err, 'latin1').toString('base64');
  });
  programs.set(child.pid ?? 0, status);
  return child.pid ?? 0;
}

function fileOf(files: Map<number, number>, given: Readonly<Record<string, unknown>>): number {
  const file = files.get(Number(given['handle']));
  if (file === undefined) throw new Error(`handle '${String(given['handle'])}' has not been found`);
  return file;
}

function tried(code: () => unknown): object {
  try {
    return { return: code() };
  } catch (error) {
    const desc = error instanceof Error ? error.message : String(error);
    const known = error instanceof Error && 'class' in error ? error.class : 'GenericError';
    return { error: { class: known, desc } };
  }
}
