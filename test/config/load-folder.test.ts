import { resolve } from 'node:path';
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
