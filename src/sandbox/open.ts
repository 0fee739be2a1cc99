import { mkdir } from 'node:fs/promises';
import { geteuid } from 'node:process';
import type { Diagnostic } from '../model/diagnostic.ts';
import { provideDhcp } from './dhcp.ts';
import { lockFile } from './file-lock.ts';
import { findHolder, mendUplink, startHolder } from './holder.ts';
import { rootPath, spawnPrefix } from './inside.ts';
import { type Layout, sandboxLayout } from './layout.ts';
import type { SandboxNeeds } from './needs.ts';
import { foreignNames } from './owned-files.ts';
import { type ProcessIdentity, isRunning } from './process-identity.ts';
import { imageNotices, provideImages } from './provide-images.ts';
import { provideTemplates, templateNotices } from './provide-templates.ts';
import { isProvided, noteProvided } from './provided.ts';
import { type Program, isVital, provision } from './provision.ts';
import { installDebianPackages, missingPackages } from './requirements.ts';
import { SandboxError } from './sandbox-error.ts';
import { type SandboxState, readState, writeState } from './state.ts';

export type OpenOptions = {
  readonly needs: SandboxNeeds;
  /** The sandbox's own folder; `sandboxFolder(env)` says which. */
  readonly dataFolder: string;
  /** Where archives of templates are kept; default: in the sandbox's folder. */
  readonly cacheFolder?: string;
  readonly program: Program;
  /** May missing Debian packages be installed? */
  readonly installPackages: boolean;
  readonly onProgress?: (text: string) => void;
};

/** An open sandbox: what `localNode` needs to drive it. */
export type Sandbox = {
  /** Words before every command of the node. */
  readonly spawnPrefix: readonly string[];
  /** The node's root folder as this process sees it. */
  readonly root: string;
  readonly title: string;
  readonly notices: readonly Diagnostic[];
  /** Lets go of it; what runs in it goes on running. */
  readonly close: () => Promise<void>;
};

/**
 * Makes or reuses the sandbox of a folder, with everything that the configuration expects of its
 * node. Rejects with a `SandboxError` (not root, packages missing, a folder that is no sandbox's).
 */
export async function openSandbox(options: OpenOptions): Promise<Sandbox> {
  const { needs, program } = options;
  const onProgress = options.onProgress ?? (() => undefined);
  requireRoot();
  const layout = sandboxLayout(options.dataFolder, options.cacheFolder);
  const living = await findLiving(layout, options);
  if (living !== undefined) return sandboxOf(living, needs, await stoodIn(layout, needs));
  await providePackages(needs, options.installPackages, onProgress);
  await mkdir(layout.folder, { recursive: true, mode: 0o755 });
  const release = await lockFile(layout.lock, 600_000, () => onProgress('waiting for another phoenix'));
  if (release === undefined) {
    throw new SandboxError({
      code: 'sandbox/busy',
      severity: 'error',
      summary: 'another phoenix is setting up this sandbox',
      remedy: 'Wait for it, or end it.',
    });
  }
  try {
    let state = await claimFolder(layout, needs);
    let running = await findHolder(state);
    if (running === undefined) {
      onProgress('starting the sandbox');
      state = await startHolder(layout, state);
      running = await findHolder(state);
    } else {
      state = await mendUplink(layout, state, running.holder);
    }
    if (running === undefined) throw new Error(`the sandbox's holder ended at once; see ${layout.log}`);
    const { holder } = running;
    await provision(holder, layout, state.nodeName, needs, program);
    await provideDhcp(holder, layout, needs.bridges);
    await provideTemplates(holder, layout, needs, program.nodePath, onProgress);
    await provideImages(holder, layout, needs, program.nodePath, onProgress);
    await noteProvided({ holder, layout, needs, program });
    return sandboxOf(holder, needs, await stoodIn(layout, needs));
  } finally {
    await release();
  }
}

/** Notices of templates and images that are not what their names say. */
async function stoodIn(layout: Layout, needs: SandboxNeeds): Promise<Diagnostic[]> {
  return [...(await templateNotices(layout, needs)), ...(await imageNotices(layout, needs))];
}

/** The holder of a sandbox that runs and has everything already, so that nobody need be kept out. */
async function findLiving(
  layout: Layout,
  { needs, program }: OpenOptions,
): Promise<ProcessIdentity | undefined> {
  const state = await readState(layout);
  const running = await findHolder(state);
  if (state === undefined || running === undefined || !(await isRunning(state.uplink))) return undefined;
  const { holder } = running;
  return (await isProvided({ holder, layout, needs, program })) ? holder : undefined;
}

function sandboxOf(holder: ProcessIdentity, needs: SandboxNeeds, notices: readonly Diagnostic[]): Sandbox {
  return {
    spawnPrefix: spawnPrefix(holder),
    root: rootPath(holder),
    title: 'sandbox',
    notices: [...needs.notices, ...pathNotices(needs), ...notices],
    close: () => Promise.resolve(),
  };
}

function requireRoot(): void {
  if (geteuid?.() === 0) return;
  throw new SandboxError({
    code: 'sandbox/not-root',
    severity: 'error',
    summary: 'the sandbox needs root',
    detail: 'It runs real containers and virtual machines in namespaces of its own.',
    remedy: 'Run the same command with sudo.',
  });
}

async function providePackages(
  needs: SandboxNeeds,
  mayInstall: boolean,
  onProgress: (text: string) => void,
): Promise<void> {
  const missing = await missingPackages(needs);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!mayInstall) {
    throw new SandboxError({
      code: 'sandbox/missing-packages',
      severity: 'error',
      summary: `the sandbox needs Debian packages that are not installed: ${missing.join(', ')}`,
      remedy: `Give --yes and Phoenix installs them, or do it yourself:\n${command}`,
    });
  }
  onProgress(`installing ${missing.join(', ')}`);
  await installDebianPackages(missing, onProgress);
}

/** The folder's state; a folder that holds something else is refused, for `reset` will remove it. */
async function claimFolder(layout: Layout, needs: SandboxNeeds): Promise<SandboxState> {
  const known = await readState(layout);
  if (known !== undefined) return known;
  const foreign = await foreignNames(layout);
  if (foreign.length > 0) {
    throw new SandboxError({
      code: 'sandbox/foreign-folder',
      severity: 'error',
      summary: `this folder is not a sandbox's: ${layout.folder}`,
      detail: `It holds ${foreign.slice(0, 3).join(', ')}.`,
      remedy: 'Point $PHOENIX_SANDBOX at an empty folder, or at one that does not exist yet.',
    });
  }
  const state: SandboxState = { version: 1, nodeName: needs.nodeName, createdMs: Date.now() };
  await writeState(layout, state);
  return state;
}

function pathNotices(needs: SandboxNeeds): Diagnostic[] {
  return needs.hostPaths.filter(isVital).map((path) => ({
    code: 'sandbox/vital-path',
    severity: 'notice',
    summary: `containers see the machine's own ${path}, read from an overlay`,
    detail: 'The sandbox can not run with that folder empty. Nothing written there leaves the sandbox.',
  }));
}
