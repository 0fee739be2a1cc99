import type { Folder } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { collectFindings } from './diagnose.ts';
import { findFolder } from './find-folder.ts';
import { readFiles } from './read-files.ts';
import { resolveFolder } from './resolve-folder.ts';

export type LoadOptions = {
  /** `--config`, if given. */
  readonly path: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The folder of the built-in features. */
  readonly builtinFeatures: string;
};

export type LoadResult = {
  /** Undefined where the files could not be read or parsed. */
  readonly folder?: Folder;
  /** Every problem found, by file, line and column. */
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Reads and checks a configuration folder without touching any node. Guests with errors of their own
 * are left out of `folder`, so nothing may be done to a node while `diagnostics` holds an error.
 */
export async function loadFolder(options: LoadOptions): Promise<LoadResult> {
  const findings = collectFindings();
  const found = findFolder(options, findings);
  if (!found) return { diagnostics: findings.sorted() };
  const { files, isComplete } = await readFiles(found, options.cwd, findings);
  const folder = await resolveFolder({ found, files, isComplete, options, findings });
  return { ...(isComplete && { folder }), diagnostics: findings.sorted() };
}
