import { join } from 'node:path';
import { HostError } from '../../twin/host.ts';
import { runCommand } from '../command.ts';
import { INSIDE } from '../layout.ts';

/** Makes an empty btrfs subvolume. */
export async function createSubvolume(path: string): Promise<void> {
  await btrfs(['subvolume', 'create', path]);
}

/** Makes `target` a copy-on-write copy of a subvolume. */
export async function snapshotSubvolume(source: string, target: string, isReadOnly = false): Promise<void> {
  await btrfs(['subvolume', 'snapshot', ...(isReadOnly ? ['-r'] : []), source, target]);
}

/** Deletes a subvolume and those that a guest has made below it; fine where there is none. */
export async function deleteSubvolume(path: string): Promise<void> {
  const first = await runCommand(['btrfs', 'subvolume', 'delete', path]);
  if (first.code === 0 || /No such file|cannot access|Could not statfs/i.test(first.stderr)) return;
  const { stdout } = await runCommand(['btrfs', 'subvolume', 'list', '-o', path]);
  const nested = stdout.split('\n').map((line) => / path (.+)$/.exec(line)?.[1]);
  const paths = nested.filter((one) => one !== undefined).map((one) => join(INSIDE.disk, one));
  if (paths.length === 0) throw new HostError(first.stderr.trim());
  for (const one of paths.toSorted((a, b) => b.length - a.length)) await deleteSubvolume(one);
  await btrfs(['subvolume', 'delete', path]);
}

export async function setReadOnly(path: string, isReadOnly: boolean): Promise<void> {
  await btrfs(['property', 'set', '-ts', path, 'ro', String(isReadOnly)]);
}

async function btrfs(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(['btrfs', ...args]);
  if (code !== 0) throw new HostError(stderr.trim());
}
