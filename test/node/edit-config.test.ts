import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EditOperation } from '../../src/model/operation.ts';
import { localNode, PVE_DIALECT } from '../../src/node/index.ts';
import { freshWorld, twinNode } from '../../src/twin/index.ts';

const VMID = 999_999_871;
const NAME = `${VMID}.conf`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-edit-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(`/run/lock/lxc/pve-config-${VMID}.lock`, { force: true });
});

type Edit = { readonly text: string; readonly remove?: readonly string[]; readonly add?: readonly string[] };

function operation(path: string, { remove = [], add = [] }: Edit): EditOperation {
  return { op: 'edit', target: VMID, step: 'test', changes: [], gates: [], path, vmid: VMID, remove, add };
}

async function editForReal(
  edit: Edit,
): Promise<{ readonly text: string; readonly kind: string; readonly stderr: string }> {
  const path = join(folder, NAME);
  writeFileSync(path, edit.text);
  const { kind, stderr } = await localNode().run(operation(path, edit), {});
  expect(readdirSync(folder)).toEqual([NAME]);
  return { text: readFileSync(path, 'utf8'), kind, stderr };
}

async function editOnTwin(
  edit: Edit,
): Promise<{ readonly text: string; readonly kind: string; readonly stderr: string }> {
  const node = twinNode({ world: freshWorld(), dialect: PVE_DIALECT });
  const path = `/etc/pve/lxc/${NAME}`;
  await node.host.files.write(path, edit.text);
  const { kind, stderr } = await node.run(operation(path, edit), {});
  return { text: (await node.host.files.read(path)) ?? '', kind, stderr };
}

const HEAD = 'arch: amd64\nmemory: 512\n';

const CASES: readonly (readonly [string, Edit, string])[] = [
  ['adds at the end', { text: HEAD, add: ['lxc.a: 1'] }, `${HEAD}lxc.a: 1\n`],
  ['adds to an empty file', { text: '', add: ['lxc.a: 1'] }, 'lxc.a: 1\n'],
  [
    'adds before the sections, and leaves them alone',
    { text: `${HEAD}\n[pve:pending]\nlxc.a: 1\n\n[s1]\nlxc.a: 1\n`, remove: ['lxc.a: 1'], add: ['lxc.b: 2'] },
    `${HEAD}lxc.b: 2\n\n[pve:pending]\nlxc.a: 1\n\n[s1]\nlxc.a: 1\n`,
  ],
  [
    'adds once',
    { text: `${HEAD}lxc.a: 1\n`, add: ['lxc.a: 1', 'lxc.b: 2', 'lxc.b: 2'] },
    `${HEAD}lxc.a: 1\nlxc.b: 2\n`,
  ],
  [
    'knows a line in every spelling',
    { text: 'lxc.a = 1 \nlxc.b:2\n', remove: ['lxc.a: 1'], add: ['lxc.b: 2'] },
    'lxc.b:2\n',
  ],
  ['removes once for each line asked', { text: 'lxc.a: 1\nlxc.a: 1\n', remove: ['lxc.a: 1'] }, 'lxc.a: 1\n'],
  ['minds the value', { text: 'lxc.a: 1\nlxc.a: 12\n', remove: ['lxc.a: 1'] }, 'lxc.a: 12\n'],
  ['needs no line end at the end', { text: 'lxc.a: 1', add: ['lxc.b: 2'] }, 'lxc.a: 1\nlxc.b: 2\n'],
  [
    'writes nothing where nothing changes',
    { text: 'lxc.a: 1', remove: ['lxc.x: 1'], add: ['lxc.a: 1'] },
    'lxc.a: 1',
  ],
  [
    'keeps notes',
    { text: '#a\\nb %\n#[x]\nmemory: 1\n', add: ['lxc.a: \\n$(id) "q" \'q\''] },
    '#a\\nb %\n#[x]\nmemory: 1\nlxc.a: \\n$(id) "q" \'q\'\n',
  ],
];

// The lock that Proxmox takes is below /run.
test.runIf(process.getuid?.() === 0)(
  'waits for whoever holds the lock, and edits what they leave',
  async () => {
    const path = join(folder, NAME);
    writeFileSync(path, HEAD);
    const lock = `/run/lock/lxc/pve-config-${VMID}.lock`;
    mkdirSync(dirname(lock), { recursive: true });
    const holder = spawn('flock', [lock, 'sh', '-c', HOLDER, 'sh', path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(holder, 'exit');
    await once(holder.stdout, 'data');
    const { kind } = await localNode().run(operation(path, { text: HEAD, add: ['lxc.a: 1'] }), {});
    await ended;
    expect(kind).toBe('done');
    expect(readFileSync(path, 'utf8')).toBe(`${HEAD}cores: 2\nlxc.a: 1\n`);
  },
);

/** Holds the lock until somebody waits for it, or for two seconds, then writes the file. */
const HOLDER = `echo held
for try in $(seq 100); do
  grep -q -- '-> FLOCK' /proc/locks && break
  sleep 0.02
done
printf 'arch: amd64\\nmemory: 512\\ncores: 2\\n' >"$1"`;

describe.skipIf(process.getuid?.() !== 0)('an edit of a config file', () => {
  test.each(CASES)('%s', async (_, edit, expected) => {
    expect(await editForReal(edit)).toEqual({ text: expected, kind: 'done', stderr: '' });
    expect(await editOnTwin(edit)).toEqual({ text: expected, kind: 'done', stderr: '' });
  });

  test('is refused while Proxmox holds the guest', async () => {
    const edit = { text: 'lock: backup\nmemory: 512\n', add: ['lxc.a: 1'] };
    const expected = { text: edit.text, kind: 'busy', stderr: 'CT is locked (backup)\n' };
    expect(await editForReal(edit)).toEqual(expected);
    expect(await editOnTwin(edit)).toEqual(expected);
  });

  test.each(['[section]', 'a\nb', ' ', ''])('is refused for the line %j', async (line) => {
    const outcome = await localNode().run(operation(join(folder, NAME), { text: '', add: [line] }), {});
    expect(outcome).toMatchObject({ kind: 'refused', diagnostic: { code: 'node/bad-config-line' } });
  });

  test('is refused for a guest that there is not', async () => {
    const outcome = await localNode().run(
      operation(join(folder, 'none.conf'), { text: '', add: ['lxc.a: 1'] }),
      {},
    );
    expect(outcome).toMatchObject({ kind: 'refused', diagnostic: { code: 'pve/no-such-guest' } });
  });

  test('does the same on a twin', async () => {
    const setting = fc.constantFrom(
      'lxc.a: 1',
      'lxc.a = 1',
      'lxc.a:1 ',
      'lxc.b: 2',
      'memory: 512',
      'memory:512',
    );
    const line = fc.oneof(
      setting,
      fc.constantFrom('', '  ', '#note', 'lock: disk', '[s1]', '[pve:pending] ', 'odd'),
    );
    const edits = fc.record({
      text: fc
        .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('', '\n'))
        .map(([all, end]) => all.join('\n') + end),
      remove: fc.array(setting, { maxLength: 3 }),
      add: fc.array(setting, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(edits, async (edit) => {
        expect(await editOnTwin(edit)).toEqual(await editForReal(edit));
      }),
      { numRuns: 60 },
    );
  });
});
