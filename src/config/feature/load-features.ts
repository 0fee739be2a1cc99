import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestKind } from '../../model/target.ts';
import type { Findings } from '../diagnose.ts';
import { shownPath } from '../find-folder.ts';
import { decodeText } from '../parse/decode.ts';
import { parseJson } from '../parse/parse-json.ts';
import { positionAt, sourceOf } from '../parse/source.ts';
import { once } from '../schema/key.ts';
import { type Manifest, manifest } from '../schema/manifest.ts';
import { checkShape } from '../shape/check-shape.ts';
import { digestOf } from './digest.ts';

/** A feature's folder, read. */
export type LoadedFeature = {
  readonly name: string;
  readonly manifest: Manifest;
  readonly kinds: readonly GuestKind[];
  readonly check: string;
  readonly install: string;
  readonly files: Readonly<Record<string, string>>;
  /** Digest of all of the above. */
  readonly digest: () => string;
};

export type FeatureFolders = {
  readonly folder: string;
  readonly builtin: string;
  readonly cwd: string;
};

export type Features = {
  /** `broken`: there is such a folder, and what is wrong with it was reported. */
  readonly get: (name: string) => LoadedFeature | 'broken' | undefined;
  readonly names: readonly string[];
};

/**
 * Reads the features that `wanted` names and those they need: those of the folder first, then the
 * built-in ones. The folder's own are read whether wanted or not, so that mistakes in them show.
 */
export function loadFeatures(places: FeatureFolders, wanted: Iterable<string>, findings: Findings): Features {
  const own = join(places.folder, 'features');
  const ownNames = listFolders(own);
  const builtinNames = listFolders(places.builtin);
  const parents = new Map([
    ...builtinNames.map((name) => [name, places.builtin] as const),
    ...ownNames.map((name) => [name, own] as const),
  ]);
  const loaded = new Map<string, LoadedFeature | 'broken'>();
  const open = [...ownNames, ...wanted];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const parent = parents.get(name);
    if (parent === undefined || loaded.has(name)) continue;
    const feature = readFeature(join(parent, name), name, places.cwd, findings) ?? 'broken';
    loaded.set(name, feature);
    if (feature !== 'broken') open.push(...(feature.manifest.needs ?? []));
  }
  return { get: (name) => loaded.get(name), names: [...parents.keys()] };
}

function listFolders(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function readFeature(path: string, name: string, cwd: string, findings: Findings): LoadedFeature | undefined {
  const manifestPath = join(path, 'feature.json');
  const text = readText(manifestPath, cwd, findings);
  const check = readText(join(path, 'check'), cwd, findings);
  const install = readText(join(path, 'install'), cwd, findings);
  const files = readFilesOf(join(path, 'files'), cwd, findings);
  const file = shownPath(manifestPath, cwd);
  if (text === undefined) {
    findings.add('bad-manifest', {
      summary: 'A feature has no manifest',
      position: { file, line: 1, column: 1 },
      remedy: `Create it: { "name": "${name}", "description": "…" }`,
    });
    return undefined;
  }
  const checked = readManifest(file, text, name, findings);
  for (const [script, content] of [
    ['check', check],
    ['install', install],
  ] as const) {
    if (content === undefined) reportMissingScript(shownPath(join(path, script), cwd), script, findings);
  }
  if (!checked || check === undefined || install === undefined) return undefined;
  const digest = once(() => digestOf({ manifest: checked, check, install, files }));
  return { name, manifest: checked, kinds: checked.kinds ?? ['lxc', 'vm'], check, install, files, digest };
}

function readManifest(file: string, text: string, name: string, findings: Findings): Manifest | undefined {
  const source = sourceOf(file, text);
  const root = parseJson(source, findings);
  if (!root) return undefined;
  if (root.type !== 'object') {
    findings.add('not-an-object', {
      summary: 'A manifest holds no object',
      position: positionAt(source, root.start, root.end),
    });
    return undefined;
  }
  const shape = checkShape(manifest(), root, { source, findings, idle: new Map() });
  if (!shape.isSound || !shape.value) return undefined;
  if (shape.value.name === name) return shape.value;
  const entry = root.entries.get('name')?.value ?? root;
  findings.add('bad-manifest', {
    summary: 'A manifest and its folder have different names',
    detail: `The folder is ${JSON.stringify(name)}.`,
    position: positionAt(source, entry.start, entry.end),
    remedy: 'Give both the same name.',
  });
  return undefined;
}

function reportMissingScript(file: string, script: string, findings: Findings): void {
  findings.add('missing-feature-script', {
    summary: `A feature has no ${script} script`,
    position: { file, line: 1, column: 1 },
    remedy: `Create the file ${script} beside feature.json; its first line names its interpreter.`,
  });
}

function readText(path: string, cwd: string, findings: Findings): string | undefined {
  try {
    return decodeText(readFileSync(path), shownPath(path, cwd), findings);
  } catch {
    return undefined;
  }
}

function readFilesOf(path: string, cwd: string, findings: Findings): Readonly<Record<string, string>> {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch {
    return {};
  }
  const texts = names.map((name) => readText(join(path, name), cwd, findings));
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const text = texts[index];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}
