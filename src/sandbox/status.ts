import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestId } from '../model/target.ts';
import { findHolder } from './holder.ts';
import { runtimeFile } from './host/machines/runtime-files.ts';
import { rootPath } from './inside.ts';
import { sandboxLayout } from './layout.ts';
import { readState } from './state.ts';

/** What a sandbox is and holds. */
export type SandboxStatus = {
  readonly folder: string;
  /** `none`: there is no sandbox; `stopped`: it starts when it is next used, its containers stopped. */
  readonly state: 'none' | 'stopped' | 'running';
  readonly nodeName?: string;
  readonly holderPid?: number;
  /** Known only while it runs, as the machines are. */
  readonly containers: readonly SandboxGuest[];
  readonly machines: readonly SandboxGuest[];
  /** What its disk takes of the machine's. */
  readonly diskBytes: number;
  readonly templates: readonly string[];
  /** Sandboxes that `rehearse --keep` left. */
  readonly rehearsals: readonly string[];
};

export type SandboxGuest = { readonly vmid: GuestId; readonly name: string; readonly isRunning: boolean };

/** Looks at the sandbox of a folder without changing anything. */
export async function sandboxStatus(dataFolder: string): Promise<SandboxStatus> {
  const layout = sandboxLayout(dataFolder);
  const state = await readState(layout);
  const rehearsals = await names(layout.rehearsals);
  const common = {
    folder: layout.folder,
    templates: (await names(layout.cache)).filter((name) => /^[^.].*\.tar\.[a-z0-9]+$/.test(name)),
    rehearsals: rehearsals.map((name) => join(layout.rehearsals, name)),
  };
  if (state === undefined) return { ...common, state: 'none', containers: [], machines: [], diskBytes: 0 };
  const disk = await stat(layout.disk).catch(() => undefined);
  const found = { ...common, nodeName: state.nodeName, diskBytes: (disk?.blocks ?? 0) * 512 };
  const running = await findHolder(state);
  if (running === undefined) return { ...found, state: 'stopped', containers: [], machines: [] };
  const { holder } = running;
  return {
    ...found,
    state: 'running',
    holderPid: holder.pid,
    containers: await containers(rootPath(holder), holder.pid),
    machines: await machines(rootPath(holder)),
  };
}

async function containers(root: string, holderPid: number): Promise<readonly SandboxGuest[]> {
  const sockets = await readFile(`/proc/${holderPid}/net/unix`, 'utf8').catch(() => '');
  return guests(join(root, 'etc/pve/lxc'), 'hostname', async (vmid) =>
    sockets.includes(`@/var/lib/lxc/${vmid}/command`),
  );
}

async function machines(root: string): Promise<readonly SandboxGuest[]> {
  return guests(join(root, 'etc/pve/qemu-server'), 'name', async (vmid) => {
    const pid = (await readFile(join(root, 'run/qemu-server', `${vmid}.pid`), 'utf8').catch(() => '')).trim();
    const words = pid === '' ? '' : await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return words.split('\0').includes(runtimeFile(vmid, 'pid'));
  });
}

/** The guests whose configurations lie in a folder, named by one of their keys. */
async function guests(
  folder: string,
  key: string,
  isRunning: (vmid: GuestId) => Promise<boolean>,
): Promise<readonly SandboxGuest[]> {
  const found: SandboxGuest[] = [];
  for (const file of await names(folder)) {
    const vmid = Number(/^(\d+)\.conf$/.exec(file)?.[1]);
    if (Number.isNaN(vmid)) continue;
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    const name = new RegExp(`^${key}: (.+)$`, 'm').exec(text)?.[1] ?? '';
    found.push({ vmid, name, isRunning: await isRunning(vmid) });
  }
  return found.toSorted((a, b) => a.vmid - b.vmid);
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
