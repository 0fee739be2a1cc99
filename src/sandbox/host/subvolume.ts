import { rmdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HostError } from '../../twin/host.ts';
import { runCommand } from '../command.ts';
import { INSIDE } from '../layout.ts';

/** Makes an empty btrfs subvolume. */
export async function createSubvolume(path: string): Promise<void> {
  await btrfs(['subvolume', 'create', path]);
}

/**
 * Makes `target` a copy-on-write copy of a subvolume, with those that a guest has made below it
 * (Docker does, on btrfs): btrfs itself leaves them out.
 */
export async function snapshotSubvolume(source: string, target: string, isReadOnly = false): Promise<void> {
  const nested = await nestedSubvolumes(source);
  const isPlain = isReadOnly && nested.length === 0;
  await btrfs(['subvolume', 'snapshot', ...(isPlain ? ['-r'] : []), source, target]);
  for (const path of nested) {
    const place = join(target, relative(source, path));
    await rmdir(place);
    await snapshotSubvolume(path, place);
  }
  if (isReadOnly && !isPlain) await setReadOnly(target, true);
}

/** Deletes a subvolume and those that a guest has made below it; fine where there is none. */
export async function deleteSubvolume(path: string): Promise<void> {
  const first = await runCommand(['btrfs', 'subvolume', 'delete', path]);
  if (first.code === 0 || /No such file|cannot access|Could not statfs/i.test(first.stderr)) return;
  const paths = await nestedSubvolumes(path);
  if (paths.length === 0) throw new HostError(first.stderr.trim());
  // One whose copy is read-only must be made writable before what is below it can go.
  await setReadOnly(path, false);
  for (const one of paths) await deleteSubvolume(one);
  await btrfs(['subvolume', 'delete', path]);
}

export async function setReadOnly(path: string, isReadOnly: boolean): Promise<void> {
  await btrfs(['property', 'set', '-ts', path, 'ro', String(isReadOnly)]);
}

/** Subvolumes directly below another, as paths. */
async function nestedSubvolumes(path: string): Promise<string[]> {
  const { stdout } = await runCommand(['btrfs', 'subvolume', 'list', '-o', path]);
  return stdout.split('\n').flatMap((line) => {
    const found = / path (.+)$/.exec(line)?.[1];
    return found === undefined ? [] : [join(INSIDE.disk, found)];
  });
}

async function btrfs(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(['btrfs', ...args]);
  if (code !== 0) throw new HostError(stderr.trim());
}
