import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Findings } from './diagnose.ts';
import { shownPath } from './find-folder.ts';
import { decodeText } from './parse/decode.ts';

/** The folders that a name may be found in, first match wins. */
const PLACES = {
  script: ['scripts', 'bin'],
  check: ['health_checks', 'scripts'],
  file: ['files'],
  profile: ['apparmor', 'etc/apparmor'],
} as const;

export type AssetKind = keyof typeof PLACES;

/** A text file beside the configuration. */
export type Asset = { readonly file: string; readonly text: string };

export type AssetAnswer =
  | { readonly found: Asset }
  | {
      readonly found?: undefined;
      readonly problem: 'missing' | 'outside' | 'reported';
      readonly looked: string;
    };

export type Assets = { readonly get: (kind: AssetKind, name: string) => AssetAnswer };

export type AssetRequest = { readonly kind: AssetKind; readonly name: string };

/** Reads the files that guests name, each once, all at the same time. */
export async function readAssets(
  folder: { readonly path: string; readonly cwd: string },
  requests: Iterable<AssetRequest>,
  findings: Findings,
): Promise<Assets> {
  const pending = new Map<string, Promise<AssetAnswer>>();
  for (const { kind, name } of requests) {
    const id = `${kind}:${name}`;
    if (!pending.has(id)) pending.set(id, readAsset(folder, kind, name, findings));
  }
  const answers = new Map<string, AssetAnswer>();
  await Promise.all([...pending].map(async ([id, answer]) => answers.set(id, await answer)));
  return {
    get: (kind, name) =>
      answers.get(`${kind}:${name}`) ?? { problem: 'missing', looked: lookedIn(kind, name) },
  };
}

async function readAsset(
  folder: { readonly path: string; readonly cwd: string },
  kind: AssetKind,
  name: string,
  findings: Findings,
): Promise<AssetAnswer> {
  const looked = lookedIn(kind, name);
  if (name.startsWith('/') || name.split('/').includes('..')) return { problem: 'outside', looked };
  for (const place of PLACES[kind]) {
    const path = join(folder.path, place, name);
    const file = shownPath(path, folder.cwd);
    try {
      const text = decodeText(await readFile(path), file, findings);
      return text === undefined ? { problem: 'reported', looked } : { found: { file, text } };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') continue;
      findings.add('unreadable-file', {
        summary: 'A file of the folder cannot be read',
        detail: `Reading it gave ${code ?? String(error)}.`,
        position: { file, line: 1, column: 1 },
      });
      return { problem: 'reported', looked };
    }
  }
  return { problem: 'missing', looked };
}

function lookedIn(kind: AssetKind, name: string): string {
  return PLACES[kind].map((place) => `${place}/${name}`).join(' and ');
}
