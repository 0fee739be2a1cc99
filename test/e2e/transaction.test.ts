import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationsOf, resultsOf } from './events.ts';
import { type Place, fetchInside, openPlace } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
  const made = await place.phoenix(['create', '101', '--json']);
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => place.dispose());

const PAGE = 'http://10.99.0.101:8080/';
const inside = (...argv: readonly string[]) =>
  place.must(
    'lxc-attach',
    '-n',
    '101',
    '--clear-env',
    '--set-var',
    'PATH=/usr/sbin:/usr/bin:/bin',
    '--',
    ...argv,
  );
const config = () => place.must('cat', '/etc/pve/lxc/101.conf');
const record = () => place.must('sha256sum', '/etc/pve/priv/phoenix/101.json');

describe('a plan that is applied', () => {
  test('is what is run, word for word', async () => {
    await place.edit(({ 101: hello }) => Object.assign(hello ?? {}, { memory_mb: 640, notes: 'planned' }));
    const file = join(place.folder, 'plan.json');
    const planned = await place.phoenix(['plan', '101', '--out', file]);
    expect(planned.code, planned.stderr).toBe(0);
    expect(await config()).toContain('memory: 512');
    const { targets } = JSON.parse(await readFile(file, 'utf8')) as {
      targets: { operations: { params?: object }[] }[];
    };
    const applied = await place.phoenix(['apply', file, '--json']);
    expect(applied.code, applied.stderr).toBe(0);
    // The digest of the configuration is the node's, and is filled in when it runs.
    const words = (operations: readonly object[]) =>
      operations.map((one) => JSON.stringify(one).replaceAll(/"digest":(?:"[0-9a-f]{40}"|\{[^}]*\}),?/g, ''));
    const ran = operationsOf(applied.stdout).map(
      ({ command: _, ...operation }: Record<string, unknown>) => operation,
    );
    expect(words(ran)).toEqual(words(targets.flatMap(({ operations }) => operations)));
    expect(await config()).toContain('memory: 640');
  });

  test('is refused where somebody changed the container since', async () => {
    await place.edit(({ 101: hello }) => Object.assign(hello ?? {}, { memory_mb: 768 }));
    const file = join(place.folder, 'plan.json');
    await place.phoenix(['plan', '101', '--out', file]);
    await place.must('pct', 'set', '101', '--memory', '700');
    const before = await config();
    const refused = await place.phoenix(['apply', file]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('700 -> 768')]);
    expect(await config()).toBe(before);
  });
});

describe('a change after which the container is sick', () => {
  test('takes itself back: configuration, disk and record', async () => {
    await place.edit(({ 101: hello }) =>
      Object.assign(hello ?? {}, { memory_mb: 700, notes: 'planned', on_failure: 'rollback' }),
    );
    expect((await place.phoenix(['converge', '101', '--json'])).code).toBe(0);
    const before = { config: await config(), record: await record() };
    const script = join(place.config, 'scripts/hello.sh');
    const good = await readFile(script, 'utf8');
    await writeFile(script, `${good}\necho broken >/srv/marker\nsystemctl stop hello\n`);
    await place.edit(({ 101: hello }) => Object.assign(hello ?? {}, { memory_mb: 900 }));

    const sick = await place.phoenix(['converge', '101']);
    expect([sick.code, sick.stderr]).toEqual([1, expect.stringContaining('engine/taken-back')]);
    expect((await config()).replace(/^parent: .*\n/mu, '')).toBe(
      before.config.replace(/^parent: .*\n/mu, ''),
    );
    expect(await record()).toBe(before.record);
    expect(await inside('ls', '/srv')).not.toContain('marker');
    expect(await place.must('pct', 'listsnapshot', '101')).not.toContain('phoenix-before');
    await expect.poll(() => fetchInside(place, PAGE).catch(String), { timeout: 60_000 }).toContain('200');

    await writeFile(script, good);
    const mended = await place.phoenix(['converge', '101', '--json']);
    expect([mended.code, resultsOf(mended.stdout)]).toEqual([0, { 101: 'changed' }]);
    expect(await config()).toContain('memory: 900');
  }, 900_000);

  test('a snapshot by name, and back to it', async () => {
    expect((await place.phoenix(['snapshot', '101', '--name', 'clean'])).code).toBe(0);
    await inside('rm', '-r', '/srv/hello');
    const back = await place.phoenix(['rollback', '101', '--name', 'clean', '--yes']);
    expect(back.code, back.stderr).toBe(0);
    expect(await inside('ls', '/srv')).toContain('hello');
    await expect.poll(() => fetchInside(place, PAGE).catch(String), { timeout: 60_000 }).toContain('200');
  });
});

describe('drift', () => {
  test('shows what was changed by hand, and takes it over', async () => {
    const none = await place.phoenix(['drift', '101', '--exit-code']);
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('0 differ')]);
    await place.must('pct', 'set', '101', '--cores', '2');
    const drift = await place.phoenix(['drift', '101', '--exit-code']);
    expect([drift.code, drift.stdout]).toEqual([
      2,
      expect.stringContaining('cores: 2 on the node, 1 in the folder'),
    ]);
    expect((await place.phoenix(['drift', '101', '--accept'])).code).toBe(0);
    expect((await place.phoenix(['drift', '101', '--exit-code'])).code).toBe(0);
  });
});
