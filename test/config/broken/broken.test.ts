import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CODES } from '../../../src/config/codes.ts';
import { loadFolder } from '../../../src/config/load-folder.ts';
import type { Diagnostic } from '../../../src/model/diagnostic.ts';
import { BESIDE } from './beside.ts';
import { type BrokenCase, PLACE } from './case.ts';
import { FILES } from './files.ts';
import { GUESTS } from './guests.ts';
import { MACHINES } from './machines.ts';
import { HOST } from './host.ts';
import { NETWORK } from './network.ts';
import { VALUES } from './values.ts';

const CASES = [...FILES, ...VALUES, ...GUESTS, ...MACHINES, ...BESIDE, ...NETWORK, ...HOST];
/** Problems whose line holds a secret. */
const SECRETS = ['literal-secret', 'plain-secret', 'secret-in-document'];
const builtinFeatures = resolve(import.meta.dirname, '../../../features');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-broken-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('there are at least 100 cases, each with a name of its own', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(100);
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

test.each(CASES)('$name', async (broken) => {
  const expected = await write(broken);
  const { diagnostics } = await loadFolder({
    path: folder,
    env: broken.env ?? {},
    cwd: folder,
    builtinFeatures,
  });
  const others = new Set((broken.also ?? []).map((code) => `config/${code}`));
  const found = diagnostics.filter(({ code }) => code === `config/${broken.code}`);
  expect(
    diagnostics.filter((diagnostic) => !found.includes(diagnostic) && !others.has(diagnostic.code)),
  ).toEqual([]);
  expect(found.map(place)).toEqual([expected.at]);
  const [diagnostic] = found;
  expect(diagnostic?.remedy).toContain(broken.remedy);
  if (broken.detail !== undefined) expect(diagnostic?.detail).toContain(broken.detail);
  expect(diagnostic?.severity).toBe(CODES[broken.code as keyof typeof CODES].severity);
  if (SECRETS.includes(broken.code)) expect(diagnostic?.position).not.toHaveProperty('lineText');
  else if (expected.line !== undefined) expect(diagnostic?.position?.lineText).toBe(expected.line);
});

test('every code that one file or guest can give rise to has a case', () => {
  const shown = new Set(CASES.flatMap(({ code, also }) => [code, ...(also ?? [])]));
  const rest = Object.keys(CODES).filter((code) => !shown.has(code));
  expect(rest).toEqual(['no-folder', 'no-files', 'unreadable-file', 'file-too-large']);
});

function place({ position }: Diagnostic): string {
  return `${position?.file}:${position?.line}:${position?.column}`;
}

/** Writes the folder and says where the sign stood. */
async function write(broken: BrokenCase): Promise<{ at: string; line?: string }> {
  let expected: { at: string; line?: string } | undefined =
    broken.at === undefined ? undefined : { at: broken.at };
  for (const [path, content] of Object.entries(broken.files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const text = typeof content === 'string' ? content.replace(PLACE, '') : content;
    await writeFile(join(folder, path), text);
    if (typeof content !== 'string' || !content.includes(PLACE)) continue;
    const before = content.slice(0, content.indexOf(PLACE)).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    const line = content.replace(PLACE, '').split('\n')[before.length - 1]?.replace(/\r$/, '');
    expected ??= { at: `${path}:${before.length}:${column}`, ...(line !== undefined && { line }) };
  }
  if (!expected) throw new Error(`${broken.name}: no place`);
  return expected;
}
