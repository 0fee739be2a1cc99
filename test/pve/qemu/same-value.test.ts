import { describe, expect, test } from 'vitest';
import { firstDisk, isCdrom, parseDrive, storageOf } from '../../../src/pve/qemu/drives.ts';
import { macOf, parseNic } from '../../../src/pve/qemu/nics.ts';
import { isSameMachineValue, layOver } from '../../../src/pve/qemu/same-value.ts';

describe('two values of a key', () => {
  test.each([
    ['memory', '2048', 'current=2048'],
    ['memory', undefined, '512'],
    ['cores', undefined, '1'],
    ['sockets', '1', undefined],
    ['cpu', 'host', 'cputype=host'],
    ['cpu', 'flags=+aes,cputype=host', 'host,flags=+aes'],
    ['cpu', undefined, 'kvm64'],
    ['agent', '1', 'enabled=on'],
    ['agent', undefined, '0'],
    ['agent', '1,fstrim_cloned_disks=0', 'enabled=1'],
    ['vga', 'type=serial0', 'serial0'],
    ['bios', undefined, 'seabios'],
    ['machine', 'type=q35', 'q35'],
    ['ostype', 'other', undefined],
    ['onboot', undefined, '0'],
    ['protection', 'yes', '1'],
    ['startup', 'up=5,order=3', 'order=3,up=5'],
    ['startup', '3', 'order=3'],
    ['tags', 'b;A', 'a,b'],
    ['description', 'a\n', 'a'],
    ['boot', 'order=scsi0;net0', 'order=scsi0;net0'],
    ['boot', '', 'order='],
  ])('%s: %s is %s', (key, a, b) => {
    expect(isSameMachineValue(key, a, b)).toBe(true);
    expect(isSameMachineValue(key, b, a)).toBe(true);
  });

  test.each([
    ['memory', '2048', '2049'],
    ['cores', undefined, '2'],
    ['cpu', 'host', 'host,flags=+aes'],
    ['cpu', undefined, 'host'],
    ['agent', '1', '0'],
    ['agent', '1', '1,type=isa'],
    ['machine', undefined, 'q35'],
    ['boot', 'order=scsi0;net0', 'order=net0;scsi0'],
    ['boot', undefined, 'order=scsi0'],
    ['boot', 'cdn', ''],
    ['name', 'a', 'b'],
    ['serial0', undefined, 'socket'],
    ['startup', 'order=3', 'order=3,up=5'],
  ])('%s: %s is not %s', (key, a, b) => {
    expect(isSameMachineValue(key, a, b)).toBe(false);
    expect(isSameMachineValue(key, b, a)).toBe(false);
  });

  test('what is laid over another value leaves the rest of it', () => {
    expect(layOver('cpu', 'x86-64-v2-AES,flags=+aes', new Map([['cputype', 'host']]))).toBe(
      'host,flags=+aes',
    );
    expect(layOver('agent', 'type=isa,enabled=0', new Map([['enabled', '1']]))).toBe('1,type=isa');
    expect(layOver('vga', undefined, new Map([['type', 'serial0']]))).toBe('serial0');
  });
});

test.each([
  ['virtio=52:54:00:AA:CC:01,bridge=vmbr0', 'virtio', '52:54:00:AA:CC:01'],
  ['model=e1000,macaddr=52:54:00:AA:CC:01', 'e1000', '52:54:00:AA:CC:01'],
  ['virtio,bridge=vmbr0', 'virtio', undefined],
])('a NIC %s', (text, model, mac) => {
  expect(parseNic(text).get('model')).toBe(model);
  expect(macOf(text)).toBe(mac);
});

test.each([
  ['local:8201/vm-8201-disk-0.raw,size=1G', 'local', false],
  ['file=lvm:vm-8201-disk-0,size=1G', 'lvm', false],
  ['volume=lvm:vm-8201-disk-0', 'lvm', false],
  ['/dev/sdb', undefined, false],
  ['none,media=cdrom', undefined, true],
  ['local:8201/vm-8201-cloudinit.qcow2,media=cdrom', 'local', true],
  ['zfs:vm-8201-cloudinit', 'zfs', true],
])('a drive %s', (text, storage, isTray) => {
  expect(storageOf(parseDrive(text))).toBe(storage);
  expect(isCdrom(parseDrive(text))).toBe(isTray);
});

test.each([
  [
    'first in the order of boot',
    { boot: 'order=net0;ide2;virtio0', scsi0: 'a:b', virtio0: 'a:c' },
    [],
    'virtio0',
  ],
  ["otherwise in Proxmox's order", { scsi1: 'a:b', virtio0: 'a:c', efidisk0: 'a:e' }, [], 'scsi1'],
  ['no CD drive', { ide0: 'none,media=cdrom', sata0: 'a:c' }, [], 'sata0'],
  ['none that is a further one', { boot: 'order=scsi1', scsi0: 'a:b', scsi1: 'a:c' }, ['scsi1'], 'scsi0'],
  ['by the older key', { bootdisk: 'virtio0', scsi0: 'a:b', virtio0: 'a:c' }, [], 'virtio0'],
  ['none at all', { efidisk0: 'a:e', ide2: 'a:vm-1-cloudinit,media=cdrom' }, [], undefined],
])('the first disk: %s', (_, keys, besides, slot) => {
  const ide2 = { ide2: 'local:8201/vm-8201-cloudinit.qcow2,media=cdrom' };
  expect(firstDisk(new Map(Object.entries({ ...ide2, ...keys })), new Set(besides))).toBe(slot);
});
