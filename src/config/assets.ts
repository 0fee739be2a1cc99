import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './diagnose.ts';
import { shownPath } from './find-folder.ts';
import { decodeText } from './parse/decode.ts';

/** The folders that a name may be found in, first match wins. */
const PLACES = {
  script: ['scripts', 'bin'],
  check: ['health_checks', 'scripts'],
  file: ['files'],
  template: ['templates'],
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

/** Reads the files that guests name, each once. */
export function readAssets(
  folder: { readonly path: string; readonly cwd: string },
  requests: Iterable<AssetRequest>,
  findings: Findings,
): Assets {
  const answers = new Map<string, AssetAnswer>();
  for (const { kind, name } of requests) {
    const id = `${kind}:${name}`;
    if (!answers.has(id)) answers.set(id, readAsset(folder, kind, name, findings));
  }
  return {
    get: (kind, name) =>
      answers.get(`${kind}:${name}`) ?? { problem: 'missing', looked: lookedIn(kind, name) },
  };
}

function readAsset(
  folder: { readonly path: string; readonly cwd: string },
  kind: AssetKind,
  name: string,
  findings: Findings,
): AssetAnswer {
  const looked = lookedIn(kind, name);
  if (name.startsWith('/') || name.split('/').includes('..')) return { problem: 'outside', looked };
  for (const place of PLACES[kind]) {
    const path = join(folder.path, place, name);
    const file = shownPath(path, folder.cwd);
    try {
      const text = decodeText(readFileSync(path), file, findings);
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
