import { describe, expect, test } from 'vitest';
import { commandLine, leftOut } from '../../src/sandbox/host/machines/command-line.ts';
import type { MachineDrive, MachineLaunch } from '../../src/twin/host.ts';

const DISK: MachineDrive = {
  key: 'scsi0',
  medium: {
    kind: 'volume',
    volume: { storage: { id: 'local', type: 'dir', path: '/var/lib/vz' }, name: '101/vm-101-disk-0.qcow2' },
    format: 'qcow2',
  },
  isCdrom: false,
  fields: { discard: 'on' },
};
const IMAGE = '/run/phoenix-sandbox/disk/volumes/local/101%2Fvm-101-disk-0.qcow2/data/disk.qcow2';
const SHARE = { accelerator: 'tcg', memoryMiB: 512, vcpus: 2 } as const;

function launch(change: Partial<MachineLaunch> = {}): MachineLaunch {
  return {
    vmid: 101,
    name: 'web',
    memoryMiB: 512,
    vcpus: 2,
    hasAgent: true,
    bootOrder: ['scsi0'],
    drives: [DISK],
    nics: [],
    settings: { scsihw: 'virtio-scsi-single' },
    ...change,
  };
}

/** The values of one option, in order. */
function values(argv: readonly string[], name: string): string[] {
  return argv.flatMap((word, index) => (argv[index - 1] === `-${name}` ? [word] : []));
}

describe('the command line of a machine', () => {
  test.each<[string, Partial<MachineLaunch>, string, readonly string[]]>([
    ['its memory, as cut down', { memoryMiB: 9999 }, 'm', ['512']],
    ['no KVM where that does not work', {}, 'accel', ['tcg,thread=multi']],
    ['its disk’s image', {}, 'drive', [
      `id=drive-scsi0,if=none,file=${IMAGE},format=qcow2,cache=unsafe,discard=unmap,detect-zeroes=unmap`,
    ]],
    ['an empty tray', { drives: [{ key: 'ide2', medium: { kind: 'none' }, isCdrom: true, fields: {} }] }, 'drive', [
      'id=drive-ide2,if=none,media=cdrom,readonly=on',
    ]],
    ['a comma in a file’s name', {
      drives: [{ key: 'ide2', medium: { kind: 'path', path: '/iso/a,b.iso' }, isCdrom: true, fields: {} }],
    }, 'drive', [
      'id=drive-ide2,if=none,file=/iso/a,,b.iso,format=raw,cache=unsafe,media=cdrom,readonly=on,file.locking=off',
    ]],
    ['its NIC’s tap', {
      nics: [{ index: 1, hostName: 'tap101i1', fields: { model: 'virtio', macaddr: '02:00:00:00:00:01', bridge: 'vmbr0' } }],
    }, 'netdev', ['tap,id=net1-host,ifname=tap101i1,script=no,downscript=no']],
    ['q35', { settings: { machine: 'pc-q35-8.1' } }, 'machine', ['q35']],
  ])('%s', (_, change, name, expected) => {
    expect(values(commandLine(launch(change), SHARE), name)).toEqual(expected);
  }); // prettier-ignore

  test.each<[string, Partial<MachineLaunch>, string]>([
    ['a controller for each disk', {}, 'virtio-scsi-pci,id=virtioscsi0'],
    ['the disk on it, first to boot from', {}, 'scsi-hd,bus=virtioscsi0.0,channel=0,scsi-id=0,lun=0,drive=drive-scsi0,id=scsi0,bootindex=100'],
    ['Proxmox’s own controller by default', { settings: {} }, 'lsi53c895a,id=scsihw0'],
    ['a CD drive', { drives: [{ key: 'ide2', medium: { kind: 'none' }, isCdrom: true, fields: {} }] }, 'ide-cd,bus=ide.1,unit=0,drive=drive-ide2,id=ide2'],
    ['the agent’s channel', {}, 'virtserialport,chardev=qga0,name=org.qemu.guest_agent.0'],
    ['a serial port, asked for or not', {}, 'isa-serial,chardev=serial0'],
  ])('%s', (_, change, device) => {
    expect(values(commandLine(launch(change), SHARE), 'device')).toContain(device);
  }); // prettier-ignore

  test('without an agent it has no channel', () => {
    expect(commandLine(launch({ hasAgent: false }), SHARE).join(' ')).not.toContain('guest_agent');
  });
});

test('what is left out is told', () => {
  const settings = { hostpci0: 'mapping=gpu', args: '-x', bios: 'ovmf' };
  const firmware: MachineDrive = { key: 'efidisk0', medium: { kind: 'none' }, isCdrom: false, fields: {} };
  expect(leftOut(launch({ settings, drives: [DISK, firmware] }))).toEqual([
    'the sandbox leaves out args, efidisk0, hostpci0',
    'the sandbox starts it by SeaBIOS, it has no UEFI firmware',
  ]);
  expect(leftOut(launch())).toEqual([]);
});
