import { expect, test } from 'vitest';
import { newDisk } from '../../../src/managers/vm/wanted/disks.ts';
import { newKeys, wantedKeys } from '../../../src/managers/vm/wanted/keys.ts';
import { newNic } from '../../../src/managers/vm/wanted/nics.ts';
import { newPciDevice } from '../../../src/managers/vm/wanted/pci-devices.ts';
import type { Folder } from '../../../src/model/desired.ts';
import { machine } from '../../desired-vm.ts';

const FOLDER: Folder = {
  path: '/folder',
  folderId: 'phoenix',
  hypervisor: { settings: {} },
  guests: new Map(),
};

test('every key of a new VM, as Proxmox spells it', () => {
  const desired = machine(8201, {
    name: 'web',
    memoryMiB: 2048,
    cores: 2,
    sockets: 1,
    cpuType: 'x86-64-v2-AES',
    osType: 'l26',
    machine: 'q35',
    bios: 'ovmf',
    agent: true,
    serialConsole: true,
    bootOrder: ['scsi0', 'net0'],
    startAtBoot: true,
    startup: { order: 2, up: 10 },
    tags: ['web', 'Prod'],
    protection: false,
    notes: 'mine',
  });
  expect(Object.fromEntries(newKeys(desired, FOLDER))).toEqual({
    name: 'web',
    memory: '2048',
    cores: '2',
    sockets: '1',
    cpu: 'x86-64-v2-AES',
    ostype: 'l26',
    machine: 'q35',
    bios: 'ovmf',
    agent: '1',
    serial0: 'socket',
    vga: 'serial0',
    boot: 'order=scsi0;net0',
    onboot: '1',
    startup: 'order=2,up=10',
    tags: 'prod;web',
    protection: '0',
    description: 'mine\nphoenix: phoenix/8201',
  });
});

test('what the folder does not say is not set', () => {
  expect(Object.fromEntries(newKeys(machine(8201), FOLDER))).toEqual({
    name: 'vm8201',
    description: 'phoenix: phoenix/8201',
  });
});

test.each([
  ['agent', { agent: true }, 'enabled=0,type=isa', '1,type=isa'],
  ['agent', { agent: true }, 'on', 'on'],
  ['agent', { agent: false }, '1,fstrim_cloned_disks=1', '0,fstrim_cloned_disks=1'],
  ['agent', { agent: false }, undefined, undefined],
  ['cpu', { cpuType: 'host' }, 'kvm64,flags=+aes', 'host,flags=+aes'],
  ['serial0', { serialConsole: true }, '/dev/ttyS0', '/dev/ttyS0'],
  ['serial0', { serialConsole: false }, 'socket', undefined],
  ['serial0', { serialConsole: false }, '/dev/ttyS0', '/dev/ttyS0'],
  ['vga', { serialConsole: true }, 'qxl,memory=32', 'serial0,memory=32'],
  ['vga', { serialConsole: false }, 'serial0', undefined],
  ['vga', { serialConsole: false }, 'qxl', 'qxl'],
  ['tags', { tags: [] }, 'a', undefined],
  ['boot', { bootOrder: [] }, 'order=net0', 'order='],
])('%s with %o over %s is %s', (key, desired, current, value) => {
  expect(wantedKeys(machine(8201, desired), FOLDER).get(key)?.(current)).toBe(value);
});

test('a new disk, NIC and PCI device', () => {
  expect(newDisk({ slot: 'scsi1', storage: 'local', sizeGiB: 8 })).toBe('local:8');
  expect(
    newDisk({
      slot: 'scsi1',
      storage: 'local',
      sizeGiB: 8,
      backup: false,
      cache: 'none',
      discard: true,
      ioThread: true,
      ssd: true,
    }),
  ).toBe('local:8,backup=0,cache=none,discard=on,iothread=1,ssd=1');
  const place = { folder: FOLDER, node: 'vm' };
  const filtered = machine(8201, { firewall: { enabled: true, rules: [] } });
  const nic = { slot: 'net1', bridge: 'vmbr1', vlan: 5, mtu: 1400, rateMBps: 10 };
  expect(newNic({ ...nic, mac: 'aa:bb:cc:00:00:01', model: 'e1000' }, filtered, place)).toBe(
    'e1000=AA:BB:CC:00:00:01,bridge=vmbr1,firewall=1,mtu=1400,rate=10,tag=5',
  );
  const derived = newNic(nic, machine(8201), place);
  expect(derived).toMatch(/^virtio=[0-9A-F][26AE](?::[0-9A-F]{2}){5},bridge=vmbr1,mtu=1400,rate=10,tag=5$/);
  expect(newNic(nic, machine(8201), place)).toBe(derived);
  expect(newNic({ ...nic, slot: 'net0' }, machine(8201), place)).not.toBe(derived);
  expect(newPciDevice({ slot: 'hostpci0', source: { mapping: 'gpu' }, pcie: true, primaryGpu: true })).toBe(
    'mapping=gpu,pcie=1,x-vga=1',
  );
  expect(newPciDevice({ slot: 'hostpci0', source: { address: '0000:01:00' } })).toBe('0000:01:00');
});
