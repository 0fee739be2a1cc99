import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ENDINGS, FILE_STEMS } from '../../config/find-folder.ts';
import { replaceFile } from '../../node/write-file.ts';
import type { GuestKind } from '../../model/target.ts';
import { readConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { Stop, stop } from '../stop.ts';

/** A file of the folder as it is, undefined where it is new, and as it is to be. */
export type Rewrite = { readonly before: string | undefined; readonly after: string };

/** The folder's file for guests of a kind: the one that is there, else a new one. Stops for YAML. */
export async function fileFor(path: string, kind: GuestKind): Promise<string> {
  const names = await readdir(path).catch((): string[] => []);
  const found = ENDINGS.map((ending) => `${FILE_STEMS[kind]}${ending}`).find((name) => names.includes(name));
  if (found?.endsWith('l') === true) {
    throw stop(EXIT.config, {
      code: 'cli/not-into-yaml',
      summary: 'Phoenix writes only into JSON files',
      detail: `The folder has ${found}.`,
      remedy: 'Write it there by hand: --dry-run shows the keys.',
    });
  }
  return join(path, found ?? `${FILE_STEMS[kind]}.json`);
}

/** The text of a file; undefined where there is none. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes the files; where the folder would not be valid any more, they become what they were. */
export async function writeFolder(
  context: Context,
  path: string,
  rewrites: ReadonlyMap<string, Rewrite>,
): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [file, { after }] of rewrites) await replaceFile(file, after, 0o644);
  const { options } = context;
  const named = { ...options, text: (name: string) => (name === 'config' ? path : options.text(name)) };
  const { diagnostics } = await readConfiguration({ io: context.io, options: named });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  for (const [file, { before }] of rewrites) {
    if (before === undefined) await rm(file, { force: true });
    else await replaceFile(file, before, 0o644);
  }
  const reason = stop(EXIT.config, {
    code: 'cli/would-not-be-valid',
    summary: 'The folder would not be valid with this, and was left as it is',
    detail: 'What is wrong stands above, with its place in the file as it would be.',
    remedy: 'Look at what would be written with --dry-run, and name fewer guests.',
  });
  throw new Stop(EXIT.config, [...errors, ...reason.diagnostics]);
}
