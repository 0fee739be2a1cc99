import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Finished, runCommand } from '../../../src/sandbox/command.ts';
import { type Sandbox, type SandboxNeeds, openSandbox, resetSandbox } from '../../../src/sandbox/index.ts';

export const TEMPLATE = 'debian-12-standard_12.7-1_amd64.tar.zst';

/** What most tests need of a node. */
export const NEEDS: SandboxNeeds = {
  nodeName: 'sandbox',
  storages: [
    {
      id: 'local',
      type: 'dir',
      path: '/var/lib/vz',
      content: 'iso,vztmpl,backup,snippets,rootdir,images,import',
    },
    { id: 'local-btrfs', type: 'btrfs', path: '/var/lib/pve/local-btrfs', content: 'images,rootdir' },
  ],
  bridges: [{ name: 'vmbr0', addresses: ['10.77.0.1/24'], hasDhcpGuests: false }],
  hostPaths: ['/srv/media', '/fast/shared-data'],
  templates: [{ name: TEMPLATE, path: `/var/lib/vz/template/cache/${TEMPLATE}` }],
  images: [],
  hasMachines: false,
  notices: [],
};

export type TestSandbox = {
  readonly sandbox: Sandbox;
  /** The sandbox's own folder. */
  readonly folder: string;
  /** Runs a command on its node. */
  readonly run: (...argv: readonly string[]) => Promise<Finished>;
  /** Runs a command that has to succeed, and gives what it printed without the last line end. */
  readonly must: (...argv: readonly string[]) => Promise<string>;
  readonly reopen: () => Promise<Sandbox>;
  readonly dispose: () => Promise<void>;
};

/** Archives of templates outlive a test: building one takes a minute. */
const CACHE = process.env['PHOENIX_TEST_CACHE'] ?? join(tmpdir(), 'phoenix-test-cache');

/** A sandbox in a fresh folder, run by the tools of this checkout. */
export async function openForTest(needs: SandboxNeeds = NEEDS): Promise<TestSandbox> {
  const place = await mkdtemp(join(tmpdir(), 'phoenix-sandbox-'));
  const toolPath = join(place, 'sandbox-tool.cjs');
  await build({
    entryPoints: [new URL('../../../src/sandbox/tool-main.ts', import.meta.url).pathname],
    outfile: toolPath,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  const folder = join(place, 'sandbox');
  const reopen = () =>
    openSandbox({
      needs,
      dataFolder: folder,
      cacheFolder: CACHE,
      program: { toolPath, nodePath: process.execPath },
      installPackages: true,
    });
  let sandbox = await reopen();
  const run = (...argv: readonly string[]) => runCommand([...sandbox.spawnPrefix, ...argv]);
  return {
    get sandbox() {
      return sandbox;
    },
    folder,
    run,
    must: async (...argv) => {
      const { code, stdout, stderr } = await run(...argv);
      if (code !== 0) throw new Error(`${argv.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
      return stdout.replace(/\n$/, '');
    },
    reopen: async () => (sandbox = await reopen()),
    dispose: async () => {
      await resetSandbox(folder);
      await rm(place, { recursive: true, force: true });
    },
  };
}

/** Asks again until `probe` gives something, at most for `timeoutMs`. */
export async function eventually<T>(probe: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
