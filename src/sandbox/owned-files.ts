import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Layout } from './layout.ts';

/** The names in a sandbox's folder that are a sandbox's own. */
export function ownNames(layout: Layout): string[] {
  const { state, lock, disk, log, cache, mount, rehearsals } = layout;
  return [state, lock, disk, log, cache, mount, rehearsals]
    .filter((path) => dirname(path) === layout.folder)
    .flatMap((path) => [basename(path), `${basename(path)}.new`]);
}

/** What lies in the folder and is not a sandbox's. */
export async function foreignNames(layout: Layout): Promise<string[]> {
  const own = new Set(ownNames(layout));
  const names: string[] = await readdir(layout.folder).catch(() => []);
  return names.filter((name) => !own.has(name));
}
