import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CODES } from '../../src/config/codes.ts';
import { loadFolder } from '../../src/config/load-folder.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');
const SEEDS = [
  ['fixture/phoenix_lxc_configs.json', 'phoenix_lxc_configs.json'],
  ['legacy/phoenix_lxc_configs.json', 'phoenix_lxc_configs.json'],
  ['legacy/phoenix_hypervisor_config.json', 'phoenix_hypervisor_config.json'],
  ['legacy/phoenix_vm_configs.json', 'phoenix_vm_configs.json'],
  ['../../examples/machines/phoenix_vm_configs.json', 'phoenix_vm_configs.json'],
] as const;

let folder: string;
const seeds: { readonly file: string; readonly bytes: Buffer }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-fuzz-'));
  for (const [path, file] of SEEDS) {
    seeds.push({ file, bytes: await readFile(resolve(import.meta.dirname, path)) });
  }
});
afterAll(() => rm(folder, { recursive: true }));

let runs = 0;

/** Loads one file and checks that whatever is wrong with it is said as it should be. */
async function loads(
  file: string,
  content: Uint8Array | string,
  beside: Readonly<Record<string, string>> = {},
): Promise<void> {
  runs += 1;
  const path = join(folder, String(runs));
  await mkdir(join(path, 'templates'), { recursive: true });
  for (const [name, text] of Object.entries({ ...beside, [file]: content })) {
    await writeFile(join(path, name), text);
  }
  const { diagnostics, folder: loaded } = await loadFolder({ path, env: {}, cwd: path, builtinFeatures });
  await rm(path, { recursive: true });
  const lines = Buffer.from(content).toString('utf8').split('\n');
  if (!loaded) expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  for (const { code, remedy, summary, position } of diagnostics) {
    expect(Object.keys(CODES)).toContain(code.replace('config/', ''));
    expect(remedy).toBeTruthy();
    expect(summary).toMatch(/^\S.*\S$/s);
    if (!position || position.file !== file) continue;
    expect(position.line).toBeGreaterThanOrEqual(1);
    expect(position.line).toBeLessThanOrEqual(lines.length);
    expect(position.column).toBeGreaterThanOrEqual(1);
    if (position.lineText === undefined) expect(code).toMatch(/secret/);
    else expect(position.column).toBeLessThanOrEqual(position.lineText.length + 1);
  }
}

type Edit = {
  readonly at: number;
  readonly how: 'cut' | 'put' | 'double' | 'flip';
  readonly bytes: Uint8Array;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  how: fc.constantFrom('cut', 'put', 'double', 'flip'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc
      .constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '/*', '//', '1e999', 'null', '\u2028', '\uFEFF')
      .map((text) => new Uint8Array(Buffer.from(text))),
  ),
});

function apply(content: Buffer, { at, how, bytes }: Edit): Buffer {
  const offset = Math.floor(at * content.length);
  const head = content.subarray(0, offset);
  if (how === 'cut') return Buffer.concat([head, content.subarray(offset + bytes.length)]);
  if (how === 'put') return Buffer.concat([head, bytes, content.subarray(offset)]);
  if (how === 'double') return Buffer.concat([head, content.subarray(Math.max(0, offset - 200))]);
  return Buffer.concat([head, bytes, content.subarray(offset + bytes.length)]);
}

test('bytes changed at random never give a stack trace', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: SEEDS.length - 1 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      async (index, edits) => {
        const { file, bytes } = seeds[index]!;
        await loads(file, edits.reduce(apply, bytes));
      },
    ),
    { numRuns: 120 },
  );
});

test('values exchanged at random never give a stack trace', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: SEEDS.length - 1 }),
      fc.nat(),
      fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double(), fc.constant('__proto__')),
      async (index, place, value) => {
        const { file, bytes } = seeds[index]!;
        const text = bytes
          .toString('utf8')
          .replaceAll(/^\s*\/\/.*$/gm, '')
          .replaceAll(/,(\s*[}\]])/g, '$1');
        const tree: unknown = JSON.parse(text);
        const slots = slotsOf(tree);
        slots[place % slots.length]?.(value);
        await loads(file, JSON.stringify(tree, null, 1));
      },
    ),
    { numRuns: 120 },
  );
});

const piece = fc.constantFrom(
  'lxc_configs:',
  '\n',
  '  ',
  '101:',
  ' name: web',
  '- ',
  '&a',
  '*a',
  '<<: ',
  '{',
  '[',
  ']',
  '}',
  '"',
  "'",
  '|',
  '>',
  '!!binary',
  '%',
  '---',
  '? ',
  '#',
  '\t',
  'null',
  '~',
);

test('YAML made of pieces never gives a stack trace', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), (pieces) =>
      loads('phoenix_lxc_configs.yaml', pieces.join('')),
    ),
    { numRuns: 120 },
  );
});

test('a template made of pieces never gives a stack trace', async () => {
  const vm = {
    vmid: 201,
    name: 'a',
    template_image: 'noble.img',
    cloud_init: { user_data: 'a.yaml', network_config: 'a.yaml' },
  };
  const word = fc.constantFrom(
    'password: ',
    'version: 2\n',
    'network:\n',
    '0644',
    '2027-01-01',
    '#cloud-config\n',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(piece, word), { maxLength: 30 }), (pieces) =>
      loads('templates/a.yaml', pieces.join(''), {
        'phoenix_vm_configs.json': JSON.stringify({ vms: [vm] }),
      }),
    ),
    { numRuns: 120 },
  );
});

test('deep and growing YAML is refused', async () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefg'[index]},`.repeat(9)}]`),
  ];
  for (const text of [
    `lxc_configs: ${'['.repeat(20_000)}`,
    `${bomb.join('\n')}\nlxc_configs: {}\n`,
    'lxc_configs: &a [*a]\n',
  ]) {
    await loads('phoenix_lxc_configs.yaml', text);
  }
});

/** A setter for every place of a tree. */
function slotsOf(tree: unknown): ((value: unknown) => void)[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const record = tree as Record<string, unknown>;
  return Object.keys(record).flatMap((key) => [
    (value: unknown) => {
      record[key] = value;
    },
    ...slotsOf(record[key]),
  ]);
}
