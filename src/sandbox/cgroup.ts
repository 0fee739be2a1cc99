import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A mounted hierarchy of control groups: version 2 (`unified`), or version 1 with its controllers. */
export type Hierarchy = {
  readonly mount: string;
  readonly isUnified: boolean;
  readonly controllers: readonly string[];
};

/** Reads the hierarchies out of the text of `/proc/self/mountinfo`. */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const match = /^\S+ \S+ \S+ \S+ (\S+) .*? - (cgroup2?) \S+ (\S+)/.exec(line);
    if (match?.[1] === undefined) continue;
    const isUnified = match[2] === 'cgroup2';
    const options = (match[3] ?? '').split(',');
    found.push({ mount: match[1], isUnified, controllers: isUnified ? [] : options });
  }
  return found;
}

/** The hierarchies of this machine. */
export async function hierarchies(): Promise<Hierarchy[]> {
  return parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
}

/**
 * Makes the group `name/child` in the one hierarchy by which a sandbox's processes are found again,
 * and gives the path of its `cgroup.procs`.
 */
export async function makeGroup(name: string, child: string): Promise<string> {
  const all = await hierarchies();
  const home =
    all.find((one) => one.isUnified) ?? all.find((one) => one.controllers.includes('pids')) ?? all[0];
  if (home === undefined) throw new Error('this machine has no control groups mounted');
  const group = join(home.mount, name);
  await mkdir(join(group, child), { recursive: true });
  if (home.isUnified) {
    const controllers = await readFile(join(group, 'cgroup.controllers'), 'utf8');
    for (const controller of controllers.split(/\s+/).filter(Boolean)) {
      await writeFile(join(group, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
    }
  }
  return join(group, child, 'cgroup.procs');
}

/** Kills every process in a group of all hierarchies and removes the group. */
export async function destroyGroup(name: string): Promise<void> {
  const groups = (await hierarchies()).map(({ mount }) => join(mount, name));
  for (let attempt = 0; attempt < 100; attempt++) {
    const folders = (await Promise.all(groups.map(foldersBelow))).flat();
    if (folders.length === 0) return;
    await Promise.all(
      groups.map((group) => writeFile(join(group, 'cgroup.kill'), '1').catch(() => undefined)),
    );
    const killed = await Promise.all(folders.map(killMembers));
    // Deepest first: a group with groups in it can't be removed.
    for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
      await rmdir(folder).catch(() => undefined);
    }
    if (killed.includes(true) || attempt > 0) await sleep(20);
  }
  throw new Error(`can't remove the control group '${name}': processes in it do not end`);
}

/** Removes the empty groups that a container left behind in a group. */
export async function removeEmptyGroups(name: string): Promise<void> {
  for (const { mount } of await hierarchies()) {
    const folders = await foldersBelow(join(mount, name));
    for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
      await rmdir(folder).catch(() => undefined);
    }
  }
}

async function foldersBelow(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => foldersBelow(join(folder, entry.name))),
  );
  return [folder, ...below.flat()];
}

async function killMembers(folder: string): Promise<boolean> {
  const members = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  const pids = members.split('\n').filter(Boolean);
  // A kill that comes too late has nothing left to do.
  const { kill } = await import('node:process');
  for (const pid of pids) {
    try {
      kill(Number(pid), 'SIGKILL');
    } catch {
      continue;
    }
  }
  return pids.length > 0;
}
