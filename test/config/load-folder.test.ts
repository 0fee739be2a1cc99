import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import type { DesiredContainer, DesiredGuest } from '../../src/model/desired.ts';

const cwd = resolve(import.meta.dirname, '../..');
const fixture = () =>
  loadFolder({
    path: 'test/config/fixture',
    env: { HELLO_TOKEN: 's3cret-value' },
    cwd,
    builtinFeatures: resolve(cwd, 'features'),
  });

function asContainer(guest: DesiredGuest | undefined): DesiredContainer {
  if (guest?.kind !== 'lxc') throw new Error('no container');
  return guest;
}

test('loads the fixture without an error', async () => {
  const { folder, diagnostics } = await fixture();
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect([...(folder?.guests.keys() ?? [])]).toEqual([900, 101, 102]);
});

test('resolves the quirks of a container', async () => {
  const { folder } = await fixture();
  const web = asContainer(folder?.guests.get(101));
  expect(web).toMatchObject({
    cloneFrom: { vmid: 900, snapshot: 'final-form' },
    dependencies: [102],
    startup: { order: 3, up: 5, down: 5 },
    rootfsGiB: 12,
    memoryMiB: 2048,
    nics: [
      { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.101/24', gateway: '10.0.0.1', mac: '52:54:00:AA:BB:CC' },
    ],
    mounts: [{ hostPath: '/srv/shared', path: '/mnt/shared', ownerUid: 33, ownerGid: 33 }],
    volumes: [{ name: 'data', storage: 'local-zfs', sizeGiB: 4, path: '/data' }],
  });
  expect(web.healthChecks.map(({ probe }) => probe)).toEqual([
    { kind: 'http', url: 'http://10.0.0.101:8080/health' },
    { kind: 'command', argv: ['true'] },
    { kind: 'command', argv: ['/bin/sh', '-c', 'test -e /etc/hostname'] },
    { kind: 'script', content: '#!/bin/sh\nexit 0\n', args: ['a', 'b'] },
    { kind: 'tcp', host: '10.0.0.101', port: 80 },
  ]);
  expect(web.healthChecks[0]).toMatchObject({ retries: 5, intervalMs: 2000, timeoutMs: 10_000 });
});

test('one NIC may say its MAC address under both names, two NICs may not share one', async () => {
  const mac = '52:54:00:AA:BB:CC';
  const load = (keys: object) =>
    loadGuest({ mac_address: mac, network_config: { hwaddr: mac.toLowerCase() }, ...keys });
  expect((await load({})).diagnostics).toEqual([]);
  const { diagnostics } = await load({ network_interfaces: [{ hwaddr: mac }] });
  expect(diagnostics.map(({ code }) => code)).toEqual(['config/duplicate-mac']);
});

test.each([
  ['0, 1', [0, 1]],
  ['1,0,1', [0, 1]],
  ['none', []],
  [2, [2]],
  [
    [3, 1],
    [1, 3],
  ],
])('gpu_assignment %j is %j', async (written, gpus) => {
  const { folder } = await loadGuest({ gpu_assignment: written });
  expect(asContainer(folder?.guests.get(101)).gpus).toEqual(gpus);
});

test.each([
  ['lxc.a.b=c', undefined],
  [
    'lxc.mount.entry=/dev/fuse dev/fuse none bind,create=file',
    ['lxc.mount.entry', '/dev/fuse dev/fuse none bind,create=file'],
  ],
  ['lxc.mount.auto:sys:rw', ['lxc.mount.auto', 'sys:rw']],
  ['lxc.cgroup2.devices.allow: c 195:* rwm', ['lxc.cgroup2.devices.allow', 'c 195:* rwm']],
  ['lxc.environment = A=B:C', ['lxc.environment', 'A=B:C']],
])('the raw option %j', async (option, line) => {
  const { folder, diagnostics } = await loadGuest({ lxc_options: [option] });
  expect(diagnostics.map(({ code }) => code)).toEqual(line ? [] : ['config/unknown-raw-key']);
  if (line) expect(asContainer(folder?.guests.get(101)).rawLines).toEqual([line]);
});

test('null and an empty text mean "not set"', async () => {
  const { folder, diagnostics } = await loadGuest({
    memory_mb: null,
    mac_address: '',
    apparmor_profile: '',
    features: null,
  });
  expect(diagnostics).toEqual([]);
  const guest = asContainer(folder?.guests.get(101));
  expect([guest.memoryMiB, guest.nics, guest.rawLines, guest.features]).toEqual([undefined, [], [], []]);
});

test('problems come by file, line and column, all of them at once', async () => {
  const { diagnostics, folder } = await loadGuest({ cores: 0, memory_mb: 'x', wibble: 1 });
  expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'error config/out-of-range',
    'error config/wrong-type',
    'warning config/unknown-key',
  ]);
  expect(folder?.guests.size).toBe(0);
});

async function loadGuest(keys: object) {
  const path = await mkdtemp(join(tmpdir(), 'phoenix-load-'));
  const guest = { name: 'web', template: 't', unprivileged: true, ...keys };
  await writeFile(
    join(path, 'phoenix_lxc_configs.json'),
    JSON.stringify({ lxc_configs: { 101: guest } }, null, 2),
  );
  const result = await loadFolder({ path, env: {}, cwd: path, builtinFeatures: resolve(cwd, 'features') });
  await rm(path, { recursive: true });
  return result;
}
