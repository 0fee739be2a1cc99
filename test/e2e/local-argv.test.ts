import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, type PhoenixRun, ROOT, openPlace, succeeded } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
  // Only makes the sandbox, with what the folder expects of its node.
  succeeded(['plan'], await place.phoenix(['plan']));
});
afterAll(() => place.dispose());

/** Runs Phoenix inside the sandbox as on a host of its own: the executables on its PATH are the sandbox's. */
async function local(...argv: readonly string[]): Promise<PhoenixRun> {
  // Files written in there are seen in there alone.
  const spawns = '/run/spawns';
  await place.must('rm', '-f', spawns);
  const words = [
    process.execPath,
    join(ROOT, 'bin/phoenix'),
    ...argv,
    '--config',
    place.config,
    '--host',
    'local',
  ];
  const run = await place.program([...(await place.enter()), ...words], {
    env: { PHOENIX_TEST_SPAWNS: spawns },
  });
  const text = (await place.run('cat', spawns)).stdout;
  const lines = text.split('\n').filter(Boolean);
  return { ...run, spawns: lines.map((line) => JSON.parse(line) as string[]) };
}

/** A command as it was started: programs, which are constant, as `…`, and what differs from run to run by its name. */
function show(argv: readonly string[]): string {
  return (
    argv
      .map((word) => (word.includes('\n') ? '…' : word))
      .join(' ')
      .replaceAll(/…( …)+/g, '…')
      // Nothing of the host itself is asked about.
      .replace(/^(sh -c … phoenix-observe …)  (\S+ \S*) $/, '$1 $2')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'TOKEN')
      .replace(/hwaddr=([0-9A-F]{2}:){5}[0-9A-F]{2}/, 'hwaddr=MAC')
      .replace(/--digest [0-9a-f]{40}/, '--digest DIGEST')
  );
}

const observe = (words: string) => `sh -c … phoenix-observe … ${words}`;
const inside = (words: string) => `lxc-attach -n 101 --clear-env -- /bin/sh -c … ${words}`;
const HEALTH = inside('phoenix-run TOKEN 10 systemctl is-active --quiet hello');

/** Every program that any run handed to a shell. */
const programs = new Set<string>();

async function expectSpawns(run: PhoenixRun, expected: readonly string[]): Promise<void> {
  expect(run.code, run.stderr).toBe(0);
  for (const word of run.spawns.flat()) if (word.includes('\n')) programs.add(word);
  expect(run.spawns.map(show)).toEqual(expected);
}

test('a create', async () => {
  const run = await local('create', '101');
  await expectSpawns(run, [
    observe('101 local-btrfs'),
    'pveam update',
    'pveam download local debian-12-standard_12.7-1_amd64.tar.zst',
    'pct create 101 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --rootfs local-btrfs:10' +
      ' --hostname hello --memory 512 --swap 0 --cores 1 --onboot 1 --features nesting=1 --tags quickstart' +
      ' --description phoenix: quickstart/101 --unprivileged 1' +
      ' --net0 name=eth0,bridge=vmbr0,gw=10.99.0.1,ip=10.99.0.101/24,hwaddr=MAC,type=veth',
    observe('101 '),
    'pct start 101',
    'timeout 60 sh -c … phoenix-wait running 101',
    inside('phoenix-wait wait 180 /bin/sh -c …'),
    inside('phoenix-wait wait 120 /bin/sh -c …'),
    observe('101 '),
    inside('phoenix-run TOKEN lock 60 /bin/sh /run/phoenix/TOKEN/base_setup-check'),
    inside('phoenix-run TOKEN lock 1200 /bin/sh /run/phoenix/TOKEN/base_setup-install'),
    inside('phoenix-run TOKEN lock 60 /bin/sh /run/phoenix/TOKEN/base_setup-check'),
    inside('phoenix-write /var/lib/phoenix/record.json 600'),
    observe('101 '),
    inside('phoenix-run TOKEN lock 1800 /bin/sh /run/phoenix/TOKEN/hello.sh'),
    inside('phoenix-write /var/lib/phoenix/record.json 600'),
    observe('101 '),
    HEALTH,
  ]);
  expect(run.stdout).toContain('✓ health check page');
});

test('a change', async () => {
  await place.edit(({ 101: guest }) => Object.assign(guest ?? {}, { memory_mb: 640, cores: 2 }));
  await expectSpawns(await local('converge', '101'), [
    observe('101 local-btrfs'),
    'pct set 101 --memory 640 --cores 2 --digest DIGEST',
    observe('101 '),
    HEALTH,
  ]);
});

test('nothing to do', async () => {
  await expectSpawns(await local('create', '101'), [observe('101 local-btrfs'), HEALTH]);
});

test('a delete', async () => {
  await expectSpawns(await local('delete', '101', '--yes'), [
    observe('all '),
    observe('101 '),
    'pct shutdown 101 --timeout 60 --forceStop 1',
    observe('101 '),
    'pct destroy 101 --purge 1',
    observe('101 '),
  ]);
  expect(await place.must('ls', '-A', '/etc/pve/lxc', '/etc/pve/priv/phoenix')).not.toContain('101');
});

test('no program that a shell got holds anything of the folder', () => {
  expect(programs.size).toBeGreaterThan(5);
  for (const text of programs) expect(text).not.toMatch(/101|hello|busybox|quickstart|10\.99|vmbr0/);
});
