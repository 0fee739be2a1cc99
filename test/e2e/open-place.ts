import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'jsonc-parser';
import { type Finished, runCommand } from '../../src/sandbox/command.ts';
import { sandboxStatus } from '../../src/sandbox/index.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type PhoenixRun = Finished & {
  /** Argv of every process that Phoenix itself started, in order. */
  readonly spawns: readonly (readonly string[])[];
};

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Called once it runs, with a way to kill it. */
  readonly onStart?: (kill: () => void) => void;
  /** Called with stdout as it comes, and with a way to kill Phoenix alone, by SIGKILL. */
  readonly onStdout?: (text: string, kill: () => void) => void;
};

/** A sandbox of its own, a copy of an example's folder, and the product as people run it. */
export type Place = {
  readonly folder: string;
  /** The configuration folder; free to be changed. */
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs `phoenix …` on the sandbox with the configuration folder. */
  readonly phoenix: (argv: readonly string[], options?: RunOptions) => Promise<PhoenixRun>;
  /** Runs any program of this machine, watched like Phoenix. */
  readonly program: (argv: readonly string[], options?: RunOptions) => Promise<PhoenixRun>;
  /** Changes the containers' file. */
  readonly edit: (change: (containers: Containers) => void) => Promise<void>;
  /** Runs a command in the sandbox's namespaces, without Phoenix. */
  readonly run: (...argv: readonly string[]) => Promise<Finished>;
  /** The same for one that has to succeed; gives its stdout without the last line end. */
  readonly must: (...argv: readonly string[]) => Promise<string>;
  /** The command before commands that enters the sandbox. */
  readonly enter: () => Promise<readonly string[]>;
  readonly dispose: () => Promise<void>;
};

export type Containers = Record<
  string,
  Record<string, unknown> & { mount_points?: object[]; volumes?: object[] }
>;

/** Archives of templates outlive a test: building one takes a minute. */
const CACHE = process.env['PHOENIX_TEST_CACHE'] ?? join(tmpdir(), 'phoenix-test-cache');

export async function openPlace(example: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'phoenix-e2e-'));
  const sandbox = join(folder, 'sandbox');
  const config = join(folder, 'config');
  const cache = join(sandbox, 'cache');
  await cp(join(ROOT, 'examples', example), config, { recursive: true });
  await mkdir(CACHE, { recursive: true });
  await copyArchives(CACHE, cache);

  const env = { ...plainEnvironment(), PHOENIX_SANDBOX: sandbox };
  const spawnsFile = join(folder, 'spawns');
  const program: Place['program'] = async (argv, options = {}) => {
    await rm(spawnsFile, { force: true });
    const finished = await watched(argv, {
      env: {
        ...env,
        NODE_OPTIONS: `--require ${join(ROOT, 'test/e2e/record-spawns.cjs')}`,
        PHOENIX_TEST_SPAWNS: spawnsFile,
        ...options.env,
      },
      onStart: options.onStart,
      onStdout: options.onStdout,
    });
    return { ...finished, spawns: await readSpawns(spawnsFile) };
  };
  const enter = async () => {
    const { holderPid } = await sandboxStatus(sandbox);
    if (holderPid === undefined) throw new Error('the sandbox does not run');
    return ['nsenter', '--target', String(holderPid), '--mount', '--net', '--uts', '--'];
  };
  const run: Place['run'] = async (...argv) => await runCommand([...(await enter()), ...argv]);
  return {
    folder,
    config,
    env,
    program,
    enter,
    run,
    phoenix: async (argv, options) => {
      const end = argv.indexOf('--');
      const own = end === -1 ? argv : argv.slice(0, end);
      const words = [...own, '--config', config, '--host', 'sandbox', ...argv.slice(own.length)];
      return await program([process.execPath, join(ROOT, 'bin/phoenix'), ...words], options);
    },
    edit: async (change) => {
      const path = join(config, 'phoenix_lxc_configs.json');
      const content = parse(await readFile(path, 'utf8')) as { lxc_configs: Containers };
      change(content.lxc_configs);
      await writeFile(path, JSON.stringify(content, null, 2));
    },
    must: async (...argv) => succeeded(argv, await run(...argv)),
    dispose: async () => {
      await copyArchives(cache, CACHE);
      await watched([process.execPath, join(ROOT, 'bin/phoenix'), 'sandbox', 'reset', '--yes'], { env });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a command that has to succeed printed, without its last line end; throws where it failed. */
export function succeeded(argv: readonly string[], { code, stdout, stderr }: Finished): string {
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return stdout.replace(/\n$/, '');
}

/** Fetches a page from inside the sandbox's network, with a program that is not Phoenix. */
export async function fetchInside(place: Place, url: string): Promise<string> {
  const script = 'fetch(process.argv[1]).then(async (r) => console.log(r.status, await r.text()))';
  return await place.must(process.execPath, '-e', script, url);
}

/** The environment of a person who never set anything for Phoenix, or for vitest. */
function plainEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '/root', TMPDIR } = process.env;
  const proxies = Object.entries(process.env).filter(([name]) =>
    /_proxy$|CERT|CA_BUNDLE|^npm_config_/i.test(name),
  );
  return {
    ...(Object.fromEntries(proxies) as Record<string, string>),
    PATH,
    HOME,
    ...(TMPDIR && { TMPDIR }),
  };
}

type Watch = {
  readonly env: Record<string, string>;
  readonly onStart?: RunOptions['onStart'] | undefined;
  readonly onStdout?: RunOptions['onStdout'] | undefined;
};

function watched(
  [file = '', ...args]: readonly string[],
  { env, onStart, onStdout }: Watch,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const kill = () => void child.kill('SIGKILL');
    onStart?.(kill);
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        out[name] += text;
        if (name === 'stdout') onStdout?.(text, kill);
      });
    }
    child.on('error', reject);
    // What Phoenix started may outlive it and hold its output open.
    child.on('exit', (code) => {
      const done = () => resolve({ code: code ?? 137, ...out });
      child.on('close', done);
      if (code === null) setTimeout(done, 100);
    });
  });
}

async function readSpawns(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as string[]); // prettier-ignore
}

async function copyArchives(from: string, to: string): Promise<void> {
  const have = new Set(await readdir(to).catch(() => []));
  const names = (await readdir(from).catch(() => [])).filter(
    (name) => !name.startsWith('.') && !have.has(name),
  );
  await mkdir(to, { recursive: true });
  // An archive counts once its origin stands beside it, so that goes last.
  for (const name of names.toSorted((a, b) => (b.length < a.length ? 1 : -1))) {
    const partial = join(to, `.${name}.${process.pid}`);
    await copyFile(join(from, name), partial, constants.COPYFILE_FICLONE);
    await rename(partial, join(to, name));
  }
}
