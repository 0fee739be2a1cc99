import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultsOf } from '../events.ts';
import { type Place, ROOT, fetchInside, openPlace } from '../open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
  const made = await place.phoenix(['create', '101', '--json']);
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => place.dispose());

/** Reserves as much as can be, then writes what can't be compressed into the rest. */
const FILL = `
set -u
size=$(df --output=avail -B1 "$(dirname "$1")" | tail -1)
until fallocate -l "$size" "$1" 2>/dev/null; do size=$((size * 97 / 100)); done
dd if=/dev/urandom of="$1.rest" bs=1M 2>/dev/null
sync
# Locks and journals of the node stand on the same disk.
truncate -s -100M "$1.rest"
sync
true`;

const PAGE = 'http://10.99.0.101:8080/';
const volumes = async () => (await place.must('pvesm', 'list', 'local-btrfs')).split('\n').toSorted();

async function expectFinished(): Promise<void> {
  const run = await place.phoenix(['converge', 'all', '--json']);
  expect(run.code, run.stderr).toBe(0);
  const again = await place.phoenix(['converge', 'all', '--json']);
  expect(new Set(Object.values(resultsOf(again.stdout)))).toEqual(new Set(['unchanged']));
  expect(await fetchInside(place, PAGE)).toContain('200');
}

test('Phoenix stopped for a minute in the middle goes on and finishes', async () => {
  await place.phoenix(['delete', '101', '--yes']);
  const stopped =
    'shift; "$@" & child=$!; sleep 4; kill -STOP $child; sleep 60; kill -CONT $child; wait $child';
  const words = [process.execPath, join(ROOT, 'bin/phoenix'), 'create', '101', '--config', place.config];
  const run = await place.program(['bash', '-c', stopped, 'bash', 'stopped', ...words, '--host', 'sandbox']);
  expect(run.code, run.stderr).toBe(0);
  await expectFinished();
});

test('a storage that is full: nothing is lost, and with room again the same command finishes', async () => {
  await place.edit((containers) => {
    containers['102'] = {
      ...containers['101'],
      name: 'second',
      network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.102/24', gw: '10.99.0.1' },
    };
  });
  const before = await volumes();
  const storages = await place.must('cat', '/etc/pve/storage.cfg');
  const folder = /local-btrfs\n\s+path (\S+)/.exec(storages)?.[1] ?? '';
  await place.must('sh', '-c', FILL, 'fill', `${folder}/full`);
  const full = await place.phoenix(['create', '102', '--json']);
  expect(full.code, full.stdout).toBe(1);
  expect(full.stdout).toContain('No space left');
  expect(await volumes()).toEqual(expect.arrayContaining(before));
  await place.must('rm', `${folder}/full`, `${folder}/full.rest`);
  await expectFinished();
  expect(await volumes()).toEqual(expect.arrayContaining(before));
}, 1_200_000);

test('a network that is dead while packages are installed: with it back the same command finishes', async () => {
  await place.edit(({ 101: hello }) =>
    Object.assign(hello ?? {}, { features: [{ name: 'base_setup', options: { packages: 'busybox tree' } }] }),
  );
  await place.must('ip', 'link', 'set', 'vmbr0', 'down');
  const dead = await place.phoenix(['converge', '101', '--json']);
  expect(dead.code).toBe(1);
  await place.must('ip', 'link', 'set', 'vmbr0', 'up');
  await expectFinished();
}, 1_800_000);
