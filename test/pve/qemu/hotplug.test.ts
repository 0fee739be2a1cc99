import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseGuestConfig } from '../../../src/pve/guest-config.ts';
import { isHotplugged } from '../../../src/pve/qemu/hotplug.ts';

type Recording = { steps: { run: string[]; files?: Record<string, string> }[] };

const { steps } = JSON.parse(
  readFileSync(new URL('../../conformance/qemu-running.json', import.meta.url), 'utf8'),
) as Recording;

/** Every `qm set` of the recording on a VM that runs: the configuration before it and after it. */
function recorded(): [call: string, key: string, before: string, after: string][] {
  const path = '/etc/pve/qemu-server/8201.conf';
  const start = steps.findIndex(({ run }) => run.join(' ') === 'qm start 8201');
  let text = '';
  return steps.flatMap(({ run, files }, index) => {
    const before = text;
    text = files?.[path] ?? text;
    const [, verb, , option = '', value = ''] = run;
    if (index < start || verb !== 'set' || option === '--revert') return [];
    const key = option === '--delete' ? value : option.replace(/^--/, '');
    return [[run.join(' '), key, before, text]];
  });
}

describe('what was recorded of a running VM', () => {
  test('is every key that was tried', () => {
    expect(recorded().map(([, key]) => key)).toEqual(
      [
        'memory',
        'cores',
        'name',
        'description',
        'tags',
        'onboot',
        'startup',
        'net0',
        'net0',
        'net1',
        'net1',
      ].concat([
        'scsi1',
        'scsi1',
        'ciuser',
        'nameserver',
        'cpu',
        'agent',
        'serial1',
        'balloon',
        'protection',
        'protection',
      ]),
    );
  });

  test.each(recorded())('%s', (_, key, before, after) => {
    const [old, fresh] = [parseGuestConfig(before, 'vm'), parseGuestConfig(after, 'vm')];
    const waits = (config: typeof old): boolean =>
      config.pending?.keys.has(key) === true || config.pending?.keys.get('delete') === key;
    const value = (config: typeof old): string | undefined =>
      key === 'description'
        ? config.head.description
        : (config.pending?.keys.get(key) ?? config.head.keys.get(key));
    const change = { key, before: value(old), after: value(fresh) };
    expect(isHotplugged(old.head.keys, change)).toBe(!waits(fresh));
  });
});

const CARD = 'virtio=52:54:00:AA:CC:01,bridge=vmbr0';
const DISK = 'local:8201/vm-8201-disk-0.raw,size=1G';

describe('what PVE::QemuServer says of the rest', () => {
  test.each([
    ['bios', 'seabios', 'ovmf', {}, false],
    ['machine', 'pc', 'q35', {}, false],
    ['boot', 'order=scsi0', 'order=net0', {}, false],
    ['vga', undefined, 'serial0', {}, false],
    ['hostpci0', undefined, '0000:01:00.0', {}, false],
    ['sockets', '1', '2', {}, false],
    ['memory', '512', '1024', { hotplug: 'network,disk,memory' }, true],
    ['vcpus', '1', '2', { hotplug: 'cpu' }, true],
    ['cpulimit', undefined, '1.5', {}, true],
    ['balloon', '256', '512', {}, true],
    ['balloon', undefined, '0', {}, false],
    ['balloon', '0', undefined, {}, false],
    ['agent', undefined, '1', {}, false],
    ['agent', '1', 'enabled=1,fstrim_cloned_disks=1', {}, true],
    ['hotplug', undefined, 'network', {}, true],
    ['hotplug', undefined, 'network,memory', {}, false],
    ['net0', CARD, `${CARD},tag=5`, { hotplug: '0' }, true],
    ['net0', CARD, CARD.replace('virtio', 'e1000'), {}, true],
    ['net0', CARD, CARD.replace('virtio', 'e1000'), { hotplug: 'disk' }, false],
    ['net0', CARD, `${CARD},mtu=1400`, { hotplug: '0' }, false],
    ['net1', undefined, CARD, { hotplug: '0' }, false],
    ['net0', CARD, undefined, { hotplug: 'disk' }, false],
    ['scsi1', undefined, DISK, { hotplug: 'network' }, false],
    ['virtio1', undefined, DISK, {}, true],
    ['sata1', undefined, DISK, {}, false],
    ['ide1', DISK, undefined, {}, false],
    ['scsi1', DISK, `${DISK},backup=0`, {}, true],
    ['scsi1', DISK, `${DISK},ssd=1`, {}, false],
    ['scsi1', `${DISK},iothread=on`, `${DISK},iothread=1,backup=0`, {}, true],
    ['ide2', 'none,media=cdrom', 'local:iso/a.iso,media=cdrom', { hotplug: '0' }, true],
    ['efidisk0', undefined, DISK, {}, false],
  ])('%s from %s to %s with %o', (key, before, after, keys, isLive) => {
    expect(isHotplugged(new Map(Object.entries(keys)), { key, before, after })).toBe(isLive);
  });
});
