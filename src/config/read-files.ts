import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './diagnose.ts';
import { type ConfigFile, ENDINGS, FILE_STEMS, type FoundFolder, shownPath } from './find-folder.ts';
import { decodeText } from './parse/decode.ts';
import { positionAt, type Source, sourceOf } from './parse/source.ts';
import type { Located, LocatedObject } from './parse/tree.ts';
import { nearest } from './suggest.ts';

/** One of the three files, parsed. */
export type ParsedFile = { readonly source: Source; readonly root: LocatedObject };
export type ParsedFiles = Readonly<Partial<Record<ConfigFile, ParsedFile>>>;

/**
 * Reads the folder's files; small ones on the same machine are read faster one after the other. `isComplete` is false where one is there that could not be parsed.
 */
export async function readFiles(
  folder: FoundFolder,
  cwd: string,
  findings: Findings,
): Promise<{ readonly files: ParsedFiles; readonly isComplete: boolean }> {
  reportMisnamed(folder, cwd, findings);
  const kinds: readonly ConfigFile[] = ['hypervisor', 'lxc', 'vm'];
  const results = await Promise.all(
    kinds.map(async (kind) => {
      const name = chooseName(folder, kind, cwd, findings);
      return { kind, name, parsed: name && (await readOne(join(folder.path, name), cwd, findings)) };
    }),
  );
  const files: Partial<Record<ConfigFile, ParsedFile>> = {};
  for (const { kind, parsed } of results) if (parsed) files[kind] = parsed;
  return { files, isComplete: results.every(({ name, parsed }) => !name || parsed) };
}

function chooseName(
  folder: FoundFolder,
  kind: ConfigFile,
  cwd: string,
  findings: Findings,
): string | undefined {
  const present = ENDINGS.map((ending) => FILE_STEMS[kind] + ending).filter((name) =>
    folder.names.includes(name),
  );
  if (present.length > 1) {
    const file = shownPath(join(folder.path, present[1] ?? ''), cwd);
    findings.add('two-formats', {
      summary: 'The same file is there in two formats',
      detail: `${present.join(' and ')} stand side by side; which one counts?`,
      position: { file, line: 1, column: 1 },
    });
  }
  return present[0];
}

async function readOne(path: string, cwd: string, findings: Findings): Promise<ParsedFile | undefined> {
  const file = shownPath(path, cwd);
  const bytes = readBytes(path, file, findings);
  const text = bytes && decodeText(bytes, file, findings);
  if (text === undefined) return undefined;
  const source = sourceOf(file, text);
  if (text.trim() === '') {
    findings.add('empty-file', { summary: 'A configuration file is empty', position: positionAt(source, 0) });
    return undefined;
  }
  const root = await parse(source, findings);
  if (!root) return undefined;
  if (root.type === 'object') return { source, root };
  findings.add('not-an-object', {
    summary: 'A configuration file holds no object',
    position: positionAt(source, root.start, root.end),
  });
  return undefined;
}

async function parse(source: Source, findings: Findings): Promise<Located | undefined> {
  if (/\.ya?ml$/.test(source.file)) {
    const { parseYaml } = await import('./parse/parse-yaml.ts');
    return parseYaml(source, findings);
  }
  const { parseJson } = await import('./parse/parse-json.ts');
  return parseJson(source, findings);
}

const MAX_BYTES = 16 * 1024 * 1024;

function readBytes(path: string, file: string, findings: Findings): Uint8Array | undefined {
  const position = { file, line: 1, column: 1 };
  try {
    const status = statSync(path);
    if (!status.isFile()) {
      findings.add('unreadable-file', {
        summary: 'A configuration file is not a regular file',
        position,
        remedy: 'Put a regular file in its place.',
      });
      return undefined;
    }
    if (status.size > MAX_BYTES) {
      findings.add('file-too-large', { summary: 'A configuration file is larger than 16 MiB', position });
      return undefined;
    }
    return readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    findings.add('unreadable-file', {
      summary: 'A configuration file cannot be read',
      detail: `Reading it gave ${reason}.`,
      position,
    });
    return undefined;
  }
}

/** Files of the shell predecessor that people copy along. */
const STRAY = ['stacks_config.json'];

function reportMisnamed(folder: FoundFolder, cwd: string, findings: Findings): void {
  const known = Object.values(FILE_STEMS).flatMap((stem) => ENDINGS.map((ending) => stem + ending));
  const present = new Set(folder.names);
  for (const name of STRAY.filter((stray) => present.has(stray))) {
    findings.add('stray-file', {
      summary: 'A file in the folder is read by nothing',
      detail: 'It repeats what the manifests of the stacks say, secrets included.',
      position: { file: shownPath(join(folder.path, name), cwd), line: 1, column: 1 },
    });
  }
  for (const name of folder.names) {
    if (!/^phoenix.*\.(jsonc?|ya?ml)$/i.test(name) || known.includes(name)) continue;
    const meant = nearest(name, known);
    if (meant === undefined || present.has(meant)) continue;
    findings.add('misnamed-file', {
      summary: 'A file has a name that nothing reads',
      detail: `Did you mean "${meant}"?`,
      position: { file: shownPath(join(folder.path, name), cwd), line: 1, column: 1 },
      remedy: `Rename it to ${meant}.`,
    });
  }
}
