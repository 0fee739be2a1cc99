import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLES = path.join(ROOT, 'examples');
const SIZES: Readonly<Record<string, number>> = { quickstart: 1, 'quickstart-vm': 2, golden: 3, machines: 4, 'homelab-24': 24 };

test('every example is tested', () => {
  const folders = readdirSync(EXAMPLES).filter((name) => statSync(path.join(EXAMPLES, name)).isDirectory());
  expect(folders.sort()).toEqual(Object.keys(SIZES).sort());
});

describe.each(Object.entries(SIZES))('the example %s', (name, size) => {
  test('loads without any problem', async () => {
    const loaded = await loadFolder({
      path: path.join(EXAMPLES, name),
      env: {},
      cwd: ROOT,
      builtinFeatures: path.join(ROOT, 'features'),
    });
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.folder?.guests.size).toBe(size);
  });
});
