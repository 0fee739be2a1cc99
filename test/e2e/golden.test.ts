import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ShownTarget, operationsOf, planOf, resultsOf, textOf } from './events.ts';
import { type Place, fetchInside, openPlace } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('golden');
});
afterAll(() => place.dispose());

const STORE = 'http://10.99.0.212:8080/value';
const SITE = 'http://10.99.0.211:8080/';

const inside = (vmid: number, ...argv: readonly string[]) =>
  place.must('lxc-attach', '-n', String(vmid), '--clear-env', '--', ...argv);

const config = (vmid: number) => place.must('cat', `/etc/pve/lxc/${vmid}.conf`);

const initPid = (vmid: number) => place.must('lxc-info', '-n', String(vmid), '-p', '-H');

/** Plans, converges, and expects the planned operations to be the ones that ran, word for word. */
async function convergeAsPlanned(...options: readonly string[]) {
  const plan = await place.phoenix(['plan', '--json', ...options]);
  expect(plan.code, plan.stderr).toBe(0);
  const planned = planOf(plan.stdout);
  const run = await place.phoenix(['converge', 'all', '--json', ...options]);
  const ran = operationsOf(run.stdout);
  for (const { target, operations } of planned) {
    expect(ran.filter((operation) => operation.target === target).map(textOf)).toEqual(
      operations.map(textOf),
    );
  }
  return { planned, run, ran };
}

/** What would change, as `target attribute effect`. */
function changesOf(targets: readonly ShownTarget[]): string[] {
  return targets
    .flatMap(({ changes }) => changes)
    .map(({ target, attribute, effect }) => `${target} ${attribute} ${effect}`)
    .toSorted();
}

async function expectNothingLeftToDo(): Promise<void> {
  const again = await place.phoenix(['converge', 'all', '--json']);
  expect(again.code, again.stderr).toBe(0);
  expect(operationsOf(again.stdout)).toEqual([]);
  expect(resultsOf(again.stdout)).toEqual({ 900: 'unchanged', 911: 'unchanged', 912: 'unchanged' });
}

describe('a golden container and two clones of its snapshot', () => {
  test('converge', async () => {
    const run = await place.phoenix(['converge', 'all', '--json']);
    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.stdout)).toEqual({ 900: 'changed', 911: 'changed', 912: 'changed' });
    await expectNothingLeftToDo();
  });

  test('the golden one is stopped and has its snapshot', async () => {
    expect(await place.must('pct', 'status', '900')).toBe('status: stopped');
    expect(await place.must('pct', 'listsnapshot', '900')).toContain('final-form');
  });

  test('the clones have volumes, machine ids and SSH host keys of their own', async () => {
    const volumes = await place.must('pvesm', 'list', 'local-btrfs');
    for (const id of ['900/vm-900-disk-0', '911/vm-911-disk-0', '912/vm-912-disk-0', '912/vm-912-disk-1'])
      expect(volumes).toContain(`local-btrfs:${id}.raw`);
    for (const file of ['/etc/machine-id', '/etc/ssh/ssh_host_ed25519_key.pub']) {
      const [web, store] = [await inside(911, 'cat', file), await inside(912, 'cat', file)];
      expect(web).not.toBe('');
      expect(web).not.toBe(store);
    }
  });

  test('the bind mount belongs to the container’s www-data, through the id map', async () => {
    expect(await place.must('stat', '-c', '%u:%g', '/srv/golden/site')).toBe('100033:100033');
    expect(await inside(911, 'stat', '-c', '%u:%g', '/srv/site')).toBe('33:33');
    expect(await place.must('cat', '/srv/golden/site/index.html')).toBe(
      await inside(911, 'cat', '/srv/site/index.html'),
    );
  });

  test('the volume, the dependency and the scripts work together', async () => {
    await inside(912, 'mountpoint', '-q', '/data');
    const value = (await fetchInside(place, STORE)).replace(/^200 /, '').trim();
    expect(value).toBe(await inside(912, 'cat', '/data/public/value'));
    expect(await fetchInside(place, SITE)).toContain(`The site of ${value}.`);
    expect(await inside(911, 'cat', '/etc/motd')).toBe('This is web.');
  });
});

describe('a change', () => {
  test('is planned as exactly these changes, and run as planned, while the guests run', async () => {
    await place.must('mkdir', '-p', '/srv/by-hand');
    await place.must('pct', 'set', '911', '--mp5', '/srv/by-hand,mp=/mnt/by-hand');
    await expectNothingLeftToDo();
    const pids = [await initPid(911), await initPid(912)];
    await place.edit((containers) => {
      const { 911: web, 912: store } = containers;
      web?.mount_points?.push({ host_path: '/srv/golden/extra', container_path: '/srv/extra' });
      Object.assign(web ?? {}, { features: [{ name: 'motd', options: { text: 'Changed.' } }] });
      Object.assign(store ?? {}, { memory_mb: 640 });
      store?.volumes?.push({ name: 'spare', pool: 'local-btrfs', size_gb: 1, mount_point: '/spare' });
    });
    const { planned, run } = await convergeAsPlanned();
    expect(run.code, run.stderr).toBe(0);
    expect(changesOf(planned)).toEqual([
      '911 feature motd live',
      '911 mount /srv/extra live',
      '912 memory live',
      '912 mount /spare live',
    ]);
    expect([await initPid(911), await initPid(912)]).toEqual(pids);
    await expectNothingLeftToDo();
  });

  test('has really been made', async () => {
    expect(await config(912)).toMatch(/^memory: 640$/m);
    const limit = await place.must(
      'sh', '-c', 'cat $(find /sys/fs/cgroup -path "*/912/memory.limit_in_bytes" -o -path "*/912/memory.max")',
    ); // prettier-ignore
    expect(limit).toContain(String(640 * 1024 ** 2));
    expect(await inside(911, 'cat', '/etc/motd')).toBe('Changed.');
    await place.must('sh', '-c', 'echo shared >/srv/golden/extra/file');
    expect(await inside(911, 'cat', '/srv/extra/file')).toBe('shared');
    await inside(912, 'mountpoint', '-q', '/spare');
    await inside(912, 'sh', '-c', 'echo precious >/spare/file');
  });

  test('that a restart needs is left without consent', async () => {
    await place.edit(({ 911: web }) => web?.mount_points?.pop());
    const pid = await initPid(911);
    const { run, planned } = await convergeAsPlanned();
    expect(run.code).toBe(3);
    expect(planned.flatMap(({ left }) => left)).toMatchObject([
      { target: 911, attribute: 'restart', after: 'mount /srv/extra goes', effect: 'restart' },
    ]);
    expect(await config(911)).toContain('mp=/srv/extra');
    expect(await initPid(911)).toBe(pid);
  });

  test('is made with it, and leaves the host’s files where they are', async () => {
    const pid = await initPid(911);
    const { run } = await convergeAsPlanned('--allow', 'restart');
    expect(run.code, run.stderr).toBe(0);
    expect(await config(911)).not.toContain('mp=/srv/extra');
    expect(await initPid(911)).not.toBe(pid);
    expect(await inside(911, 'cat', '/proc/mounts')).not.toContain('/srv/extra');
    expect(await place.must('cat', '/srv/golden/extra/file')).toBe('shared');
    expect(await fetchInside(place, SITE)).toContain('The site of ');
    await expectNothingLeftToDo();
  });

  test('of a feature’s file installs the feature again, in the guests that have it', async () => {
    const install =
      '#!/bin/sh\nset -eu\nprintf "%s\\n" "$PHOENIX_OPTION_TEXT" >/etc/motd\n: >/etc/motd-anew\n';
    await writeFile(join(place.config, 'features/motd/install'), install);
    const { planned, run } = await convergeAsPlanned();
    expect(run.code, run.stderr).toBe(0);
    expect(changesOf(planned)).toEqual(['911 feature motd live']);
    await inside(911, 'test', '-e', '/etc/motd-anew');
  });
});

describe('a volume that the folder no longer names', () => {
  test('stays without consent', async () => {
    await place.edit(({ 912: store }) => store?.volumes?.pop());
    const { run } = await convergeAsPlanned('--allow', 'restart');
    expect(run.code).toBe(3);
    await inside(912, 'mountpoint', '-q', '/spare');
  });

  test('is only detached with it, with its data', async () => {
    const { run } = await convergeAsPlanned('--allow', 'restart', '--allow', 'detaches-volume');
    expect(run.code, run.stderr).toBe(0);
    expect(await config(912)).not.toContain('mp=/spare');
    const volume = /^unused\d+: (\S+)$/m.exec(await config(912))?.[1] ?? 'none';
    expect(await place.must('pvesm', 'list', 'local-btrfs')).toContain(volume);
    await place.must('pct', 'set', '912', '--mp7', `${volume},mp=/found`);
    expect(await inside(912, 'cat', '/found/file')).toBe('precious');
    await expectNothingLeftToDo();
    expect(await config(912)).toContain('mp=/found');
  });
});

test('a mount that somebody made by hand is still there', async () => {
  expect(await config(911)).toMatch(/^mp5: \/srv\/by-hand,mp=\/mnt\/by-hand$/m);
  await place.must('sh', '-c', 'echo theirs >/srv/by-hand/file');
  expect(await inside(911, 'cat', '/mnt/by-hand/file')).toBe('theirs');
});
