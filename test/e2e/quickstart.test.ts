import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, type PhoenixRun, fetchInside, openPlace } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
});
afterAll(() => place.dispose());

/** The very command of the README. */
const quickstart = () => place.program(['npm', 'run', 'quickstart']);

const inside = (...argv: readonly string[]) =>
  place.must('lxc-attach', '-n', '101', '--clear-env', '--set-var', 'PATH=/usr/sbin:/usr/bin', '--', ...argv);

/** What a second run must not touch. */
async function state(): Promise<Record<string, string>> {
  return {
    config: await place.must('sha256sum', '/etc/pve/lxc/101.conf'),
    record: await place.must('sha256sum', '/etc/pve/priv/phoenix/101.json'),
    init: await place.must('lxc-info', '-n', '101', '-p', '-H'),
    journal: await place.must('ls', '/var/lib/phoenix/journal'),
    tasks: await place.must('find', '/var/log/pve/tasks', '-type', 'f'),
    guestRecord: await inside('sha256sum', '/var/lib/phoenix/record.json'),
    service: await inside('systemctl', 'show', '-p', 'MainPID', 'hello'),
    packages: await inside('sha256sum', '/var/lib/dpkg/status'),
  };
}

let first: PhoenixRun;

test('brings up a real container from nothing', async () => {
  first = await quickstart();
  expect(first.stderr).not.toContain('✗');
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toContain('✓ 101 hello  changed');

  expect(await place.must('pct', 'list')).toMatch(/^101\s+running\s+hello\s*$/m);
  const pid = await place.must('lxc-info', '-n', '101', '-p', '-H');
  expect(await place.must('cat', `/proc/${pid}/uid_map`)).toMatch(/^\s*0\s+100000\s+65536$/);
  expect(await inside('cat', '/proc/1/comm')).toBe('systemd');
});

test('its page is served', async () => {
  expect(await fetchInside(place, 'http://10.99.0.101:8080/')).toContain('200 <!doctype html>');
  expect(await fetchInside(place, 'http://10.99.0.101:8080/')).toContain('<p>Hello from container 101</p>');
});

test('its feature and its script were really applied', async () => {
  expect(await inside('dpkg-query', '-W', '-f', '${Status}', 'busybox')).toBe('install ok installed');
  expect(await inside('systemctl', 'is-active', 'hello')).toBe('active');
  expect(await inside('systemctl', 'is-enabled', 'hello')).toBe('enabled');
  const record = JSON.parse(await inside('cat', '/var/lib/phoenix/record.json')) as Record<string, object>;
  expect(Object.keys(record['features'] ?? {})).toEqual(['base_setup']);
  expect(Object.keys(record['scripts'] ?? {})).toEqual(['hello.sh']);
});

test('a second run changes nothing, and does nothing but look', async () => {
  const before = await state();
  const second = await quickstart();
  expect(second.code).toBe(0);
  expect(second.stdout).toContain('= 101 hello  unchanged');
  expect(await state()).toEqual(before);

  const prefix = await place.enter();
  const onNode = second.spawns
    .filter((argv) => prefix.every((word, index) => argv[index] === word))
    .map((argv) => argv.slice(prefix.length));
  const calls = onNode.filter(([program]) => program !== 'sh' && program !== '/bin/sh');
  // One check runs in the container, the other on the node's network.
  expect(calls.map(([program]) => program)).toEqual(['lxc-attach', process.execPath]);
  expect(onNode.filter((argv) => argv.join(' ').includes('phoenix-observation'))).toHaveLength(1);
});
