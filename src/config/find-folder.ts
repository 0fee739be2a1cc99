import { readdirSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Findings } from './diagnose.ts';

export type ConfigFile = 'hypervisor' | 'lxc' | 'vm';

/** The three files of a folder, by their name without the ending. */
export const FILE_STEMS: Readonly<Record<ConfigFile, string>> = {
  hypervisor: 'phoenix_hypervisor_config',
  lxc: 'phoenix_lxc_configs',
  vm: 'phoenix_vm_configs',
};

export const ENDINGS = ['.json', '.jsonc', '.yaml', '.yml'] as const;

export type FoundFolder = { readonly path: string; readonly names: readonly string[] };

export type FolderSearch = {
  readonly path: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/**
 * The folder to read: the one given, else `$PHOENIX_CONFIG`, else the working directory if it holds
 * one of the files, else `/etc/phoenix`. A folder that was named is never passed over for another.
 */
export function findFolder(search: FolderSearch, findings: Findings): FoundFolder | undefined {
  const named = search.path ?? (search.env['PHOENIX_CONFIG'] || undefined);
  const origin = search.path === undefined ? '$PHOENIX_CONFIG' : '--config';
  if (named !== undefined) return namedFolder(resolve(search.cwd, named), origin, findings, search.cwd);
  for (const path of [search.cwd, SYSTEM_FOLDER]) {
    const listing = list(path);
    if (Array.isArray(listing) && holdsConfiguration(listing)) return { path, names: listing };
  }
  findings.add('no-files', {
    summary: 'No configuration folder was found',
    detail: `Neither ${search.cwd} nor ${SYSTEM_FOLDER} holds ${FILE_STEMS.lxc}.json or one of its siblings.`,
    remedy: 'Go to the folder, or name it: --config DIR, or PHOENIX_CONFIG=DIR.',
  });
  return undefined;
}

const SYSTEM_FOLDER = '/etc/phoenix';

/** A path as people should see it: relative to `cwd` where it lies inside, absolute elsewhere. */
export function shownPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  if (inside === '') return '.';
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'that is a file'],
  ['EACCES', 'you may not read it'],
]);

function namedFolder(path: string, origin: string, findings: Findings, cwd: string): FoundFolder | undefined {
  const listing = list(path);
  const shown = shownPath(path, cwd);
  if (!Array.isArray(listing)) {
    const isFile = listing === 'ENOTDIR';
    findings.add('no-folder', {
      summary: isFile ? 'The configuration folder is a file' : 'The configuration folder cannot be read',
      detail: `${origin} names ${shown}: ${REASONS.get(listing) ?? listing}.`,
      remedy: isFile
        ? 'Name the folder that the file is in.'
        : 'Correct the path; see --config and $PHOENIX_CONFIG.',
    });
    return undefined;
  }
  if (holdsConfiguration(listing)) return { path, names: listing };
  findings.add('no-files', {
    summary: 'The configuration folder holds no configuration file',
    detail: `${origin} names ${shown}, which has none of ${Object.values(FILE_STEMS).join(', ')} (.json or .yaml).`,
    remedy: `Create ${FILE_STEMS.lxc}.json in it, or name another folder.`,
  });
  return undefined;
}

function holdsConfiguration(names: readonly string[]): boolean {
  return names.some((name) =>
    Object.values(FILE_STEMS).some((stem) => ENDINGS.some((ending) => name === stem + ending)),
  );
}

function list(path: string): string[] | string {
  try {
    return readdirSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
