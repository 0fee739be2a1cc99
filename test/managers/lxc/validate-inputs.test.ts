import { expect, test } from 'vitest';
import { validateInputs as step } from '../../../src/managers/lxc/validate-inputs.ts';
import type { DesiredContainer } from '../../../src/model/desired.ts';
import { ask, guest, MINIMAL, type Given } from '../given.ts';

const MOUNTS = [{ hostPath: '/srv', path: '/s' }];
const VOLUMES = [{ storage: 'gone', sizeGiB: 1, path: '/data' }];
const iso = {
  storages: new Map([
    ['local', { id: 'local', type: 'dir', content: ['iso'], options: new Map<string, string>() }],
  ]),
};

test.each<[string, Partial<DesiredContainer>, Given, string[]]>([
  ['nothing wrong', { storage: 'local', nics: [{ name: 'eth0', bridge: 'vmbr0' }] }, {}, []],
  [
    'D-32: a GPU that is not there',
    { gpus: [1] },
    { node: { gpuDevices: ['/dev/nvidia0'] } },
    ['error lxc/gpu-missing'],
  ],
  ['a GPU that is', { gpus: [1] }, { node: { gpuDevices: ['/dev/nvidia1'] } }, []],
  [
    'D-51: a bind mount and a golden snapshot',
    { mounts: MOUNTS, templateSnapshotName: 's' },
    {},
    ['error lxc/snapshot-with-bind-mount'],
  ],
  [
    'a bind mount and lifecycle snapshots',
    { mounts: MOUNTS, lifecycleSnapshots: true },
    {},
    ['error lxc/snapshot-with-bind-mount'],
  ],
  ['a storage that is not there', { storage: 'gone' }, {}, ['error lxc/storage-missing']],
  [
    'a storage that takes no disks',
    { storage: 'local' },
    { node: iso },
    ['error lxc/storage-without-rootdir'],
  ],
  [
    'a storage that nothing is to be allocated on',
    { storage: 'gone' },
    { guest: guest(MINIMAL) },
    ['warning lxc/volume-elsewhere'],
  ],
  [
    'a volume on a storage that is not there',
    { volumes: VOLUMES },
    { guest: guest(MINIMAL) },
    ['error lxc/storage-missing'],
  ],
  [
    'a volume that is there, on another storage',
    { volumes: VOLUMES },
    { guest: guest(`${MINIMAL}mp0: local:8101/vm-8101-disk-1.raw,mp=/data,size=1G\n`) },
    ['warning lxc/volume-elsewhere'],
  ],
  [
    'a root filesystem that is there, on another storage',
    { storage: 'local-btrfs' },
    { guest: guest(MINIMAL) },
    ['warning lxc/volume-elsewhere'],
  ],
  [
    'a bridge that is not there',
    { nics: [{ name: 'eth0', bridge: 'vmbr9' }] },
    {},
    ['warning lxc/bridge-missing'],
  ],
  [
    'another privilege',
    { unprivileged: true },
    { guest: guest(MINIMAL) },
    ['error lxc/unprivileged-is-fixed'],
  ],
  ['the same privilege', { unprivileged: false }, { guest: guest(MINIMAL) }, []],
  [
    'a disk that would shrink',
    { rootfsGiB: 1 },
    { guest: guest(MINIMAL.replace('size=1G', 'size=2560M')) },
    ['error lxc/disk-would-shrink'],
  ],
  [
    'another privilege of what is half made',
    { unprivileged: true },
    { guest: guest(`${MINIMAL}lock: create\n`) },
    [],
  ],
  [
    "another privilege of someone else's",
    { unprivileged: true },
    { guest: guest(MINIMAL.replace('phoenix/8101', 'phoenix/1')) },
    [],
  ],
  [
    'nothing is asked of a finished container',
    { gpus: [1], mounts: MOUNTS, templateSnapshotName: 's' },
    { guest: guest(`${MINIMAL}\n[s]\narch: amd64\n`) },
    [],
  ],
])('%s', (_, desired, given, expected) => {
  const { diagnostics, operations } = ask(step, { ...given, desired });
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected);
  expect(diagnostics.every(({ remedy }) => remedy !== undefined)).toBe(true);
  expect(operations).toEqual([]);
});
