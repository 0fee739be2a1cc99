import { spawn } from 'node:child_process';
import {
  appendFile,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { destroyGroup, makeGroup } from './cgroup.ts';
import { SYSTEM_PATH, mustRun, runCommand } from './command.ts';
import { HOLDER_SCRIPT } from './holder-script.ts';
import type { Layout } from './layout.ts';
import { overlaidMountpoints } from './mountpoints.ts';
import { type ProcessIdentity, identify, isRunning } from './process-identity.ts';
import { type SandboxState, readBootId, writeState } from './state.ts';

/** What runs of a sandbox. */
export type Running = { readonly holder: ProcessIdentity; readonly mountNamespace: string };

/** The running holder of a sandbox, or undefined where it has none. */
export async function findHolder(state: SandboxState | undefined): Promise<Running | undefined> {
  if (state?.holder === undefined || state.mountNamespace === undefined) return undefined;
  if (state.bootId !== (await readBootId()) || !(await isRunning(state.holder))) return undefined;
  return { holder: state.holder, mountNamespace: state.mountNamespace };
}

/**
 * Starts the process that holds the sandbox's namespaces, in a session of its own. Whatever an
 * earlier one left running is ended before: its containers could be reached by nobody.
 */
export async function startHolder(layout: Layout, state: SandboxState): Promise<SandboxState> {
  await stopEverything(layout, state);
  await mkdir(layout.mount, { recursive: true });
  await mkdir(layout.cache, { recursive: true });
  await makeDisk(layout);
  const group = await makeGroup(layout.cgroup, 'holder');
  const mountpoints = overlaidMountpoints(await readFile('/proc/self/mountinfo', 'utf8'));
  const script = `echo $$ >"$0"; exec unshare --mount --net --uts --propagation private -- "$@"`;
  const holderArgs = ['sh', '-c', HOLDER_SCRIPT, 'holder', layout.folder, layout.mount, layout.disk];
  const pid = await spawnHolder(layout, [
    'sh', '-c', script, group, ...holderArgs, layout.cache, state.nodeName, ...mountpoints,
  ]); // prettier-ignore
  const holder = await identify(pid);
  if (holder === undefined) throw new Error(`the sandbox's holder ended at once; see ${layout.log}`);
  const uplink = await startUplink(layout, pid, group);
  const started = {
    ...state,
    holder,
    uplink,
    bootId: await readBootId(),
    mountNamespace: await readlink(`/proc/${pid}/ns/mnt`),
  };
  await writeState(layout, started);
  return started;
}

/** Starts the uplink of a running holder anew where it has died. */
export async function mendUplink(
  layout: Layout,
  state: SandboxState,
  holder: ProcessIdentity,
): Promise<SandboxState> {
  if (await isRunning(state.uplink)) return state;
  const uplink = await startUplink(layout, holder.pid, await makeGroup(layout.cgroup, 'holder'));
  const mended = { ...state, uplink };
  await writeState(layout, mended);
  return mended;
}

/**
 * Ends every process of a sandbox, in its control group or merely in its mount namespace, and waits
 * until its disk is free. With the last process the kernel takes down its mounts and interfaces.
 */
export async function stopEverything(layout: Layout, state: SandboxState | undefined): Promise<void> {
  await destroyGroup(layout.cgroup);
  const isThisBoot = state?.bootId === (await readBootId());
  for (let attempt = 0; attempt < 250; attempt++) {
    const attached = await runCommand(['losetup', '--associated', layout.disk]);
    if (attached.code !== 0 || attached.stdout.trim() === '') return;
    // The disk is mounted nowhere but in our namespace, so while it is attached the number is ours.
    const strays = isThisBoot && state.mountNamespace ? await processesIn(state.mountNamespace) : [];
    for (const pid of strays) {
      try {
        kill(pid, 'SIGKILL');
      } catch {
        continue;
      }
    }
    await sleep(20);
  }
  throw new Error(`the sandbox's disk is still in use: ${layout.disk}`);
}

/** The uplink's own network; guests' bridges must not overlap it. */
export const UPLINK = { device: 'uplink0', cidr: '100.127.255.0/24', dns: '100.127.255.3' } as const;

/** User-mode networking: the machine's own interfaces, routes and firewall stay as they are. */
async function startUplink(layout: Layout, holderPid: number, group: string): Promise<ProcessIdentity> {
  const log = await open(layout.log, 'a');
  const child = spawn(
    'sh',
    [
      '-c', 'echo $$ >"$0"; exec "$@"', group,
      'slirp4netns', '--configure', '--mtu=65520', '--disable-host-loopback', `--cidr=${UPLINK.cidr}`,
      '--ready-fd=3', String(holderPid), UPLINK.device,
    ], // prettier-ignore
    { detached: true, stdio: ['ignore', log.fd, log.fd, 'pipe'], env: { PATH: SYSTEM_PATH } },
  );
  await log.close();
  const ready = child.stdio[3];
  await new Promise<void>((resolve, reject) => {
    ready?.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`slirp4netns ended at once; see ${layout.log}`)));
  });
  child.removeAllListeners('exit');
  child.unref();
  if (ready && 'destroy' in ready) ready.destroy();
  const uplink = child.pid === undefined ? undefined : await identify(child.pid);
  if (uplink === undefined) throw new Error(`slirp4netns ended at once; see ${layout.log}`);
  return uplink;
}

async function spawnHolder(layout: Layout, argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = argv;
  await appendFile(layout.log, `starting ${new Date().toISOString()}\n`);
  const log = await open(layout.log, 'a');
  const child = spawn(program, args, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', log.fd],
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C.UTF-8' },
  });
  await log.close();
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => said.includes('ready\n') && resolve());
    child.once('error', reject);
    child.once('exit', () => {
      void readFile(layout.log, 'utf8').then((text) => {
        const last = text.slice(text.lastIndexOf('starting ')).split('\n').slice(1, 8).join('\n').trim();
        reject(new Error(`the sandbox's namespaces could not be set up: ${last || `see ${layout.log}`}`));
      });
    });
  });
  child.removeAllListeners('exit');
  child.stdout?.destroy();
  child.unref();
  if (child.pid === undefined) throw new Error(`could not start ${program}`);
  return child.pid;
}

/** A sparse file that takes as much of the machine's disk as is written to it. */
async function makeDisk(layout: Layout): Promise<void> {
  if (await stat(layout.disk).catch(() => undefined)) return;
  const { bavail, bsize } = await statfs(layout.folder);
  const free = bavail * bsize;
  if (free < MINIMUM_FREE) {
    throw new Error(`too little free space in ${layout.folder}: the sandbox needs 4 GiB`);
  }
  const size = Math.max(MINIMUM_FREE, Math.floor((free * 0.8) / MIB) * MIB);
  await writeFile(`${layout.disk}.new`, '', { mode: 0o600 });
  await mustRun(['truncate', '--size', String(size), `${layout.disk}.new`]);
  await mustRun([
    'mkfs.btrfs',
    '--quiet',
    '--metadata',
    'single',
    '--label',
    'phoenix',
    `${layout.disk}.new`,
  ]);
  await mustRun(['mv', `${layout.disk}.new`, layout.disk]);
}

const MIB = 1024 ** 2;
const MINIMUM_FREE = 4 * 1024 ** 3;

async function processesIn(mountNamespace: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const namespace = await readlink(`/proc/${name}/ns/mnt`).catch(() => '');
    if (namespace === mountNamespace) found.push(Number(name));
  }
  return found;
}
