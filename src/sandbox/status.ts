import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestId } from '../model/target.ts';
import { findHolder } from './holder.ts';
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
  /** Known only while it runs. */
  readonly containers: readonly {
    readonly vmid: GuestId;
    readonly name: string;
    readonly isRunning: boolean;
  }[];
  /** What its disk takes of the machine's. */
  readonly diskBytes: number;
  readonly templates: readonly string[];
  /** Sandboxes that `rehearse --keep` left. */
  readonly rehearsals: readonly string[];
};

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
  if (state === undefined) return { ...common, state: 'none', containers: [], diskBytes: 0 };
  const disk = await stat(layout.disk).catch(() => undefined);
  const found = { ...common, nodeName: state.nodeName, diskBytes: (disk?.blocks ?? 0) * 512 };
  const running = await findHolder(state);
  if (running === undefined) return { ...found, state: 'stopped', containers: [] };
  const { holder } = running;
  return {
    ...found,
    state: 'running',
    holderPid: holder.pid,
    containers: await containers(rootPath(holder), holder.pid),
  };
}

async function containers(root: string, holderPid: number): Promise<SandboxStatus['containers']> {
  const sockets = await readFile(`/proc/${holderPid}/net/unix`, 'utf8').catch(() => '');
  const found: SandboxStatus['containers'][number][] = [];
  for (const name of await names(join(root, 'etc/pve/lxc'))) {
    const vmid = Number(/^(\d+)\.conf$/.exec(name)?.[1]);
    if (Number.isNaN(vmid)) continue;
    const text = await readFile(join(root, 'etc/pve/lxc', name), 'utf8').catch(() => '');
    const hostname = /^hostname: (.+)$/m.exec(text)?.[1] ?? '';
    found.push({ vmid, name: hostname, isRunning: sockets.includes(`@/var/lib/lxc/${vmid}/command`) });
  }
  return found.toSorted((a, b) => a.vmid - b.vmid);
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
