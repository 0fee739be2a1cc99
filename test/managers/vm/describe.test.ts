import { expect, test } from 'vitest';
import { describeVm } from '../../../src/managers/vm/describe/vm.ts';
import { guest } from '../given.ts';

const described = (text: string, more: object = {}) => {
  const { groups, remarks } = describeVm(guest(text, { vmid: 8201, kind: 'vm', ...more }));
  return { keys: Object.assign({}, ...groups) as Record<string, unknown>, remarks };
};

/* As `qm create` was recorded to write it. */
const FULL = `#first
#phoenix%3A lab/8201
agent: enabled=1,fstrim_cloned_disks=1
balloon: 512
bios: seabios
boot: order=scsi0
cipassword: secret12
ciuser: phoenix
cores: 2
cpu: host
hostpci0: 0000:01:00,pcie=1,x-vga=1
hostpci1: mapping=gpu0,mdev=nvidia-63
ide2: local:8201/vm-8201-cloudinit.qcow2,media=cdrom
ipconfig0: ip=10.99.0.91/24,gw=10.99.0.1
machine: q35
memory: 1024
meta: creation-qemu=10.0.2,ctime=1
name: web
net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0,firewall=1,tag=20
net3: vmxnet3=52:54:00:AA:CC:02,bridge=vmbr1,rate=2.5,trunks=2;3
numa: 0
onboot: 1
ostype: l26
protection: 0
scsi0: local:8201/vm-8201-disk-0.raw,discard=on,iothread=1,size=8G,ssd=1
scsi1: tank:vm-8201-disk-1,backup=0,cache=writeback,size=32G
scsi2: tank:vm-8201-disk-2,size=512M
serial0: socket
smbios1: uuid=1
sockets: 1
startup: order=4,up=2,down=2
tags: Web;prod,web
unused0: local:8201/vm-8201-disk-9.raw
vga: serial0
`;

test('a VM in the words of a folder', () => {
  const { keys, remarks } = described(FULL);
  expect(keys).toEqual({
    name: 'web',
    existing: true,
    tags: ['Web', 'prod', 'web'],
    notes: 'first',
    protection: false,
    memory_mb: 1024,
    cores: 2,
    sockets: 1,
    cpu_type: 'host',
    bios: 'seabios',
    machine: 'q35',
    os_type: 'l26',
    serial_console: true,
    boot_devices: ['scsi0'],
    storage_pool: 'local',
    disk_size_gb: 8,
    disks: [{ slot: 'scsi1', size_gb: 32, storage_pool: 'tank', backup: false, cache: 'writeback' }],
    network_interfaces: [
      {
        slot: 'net0',
        bridge: 'vmbr0',
        model: 'virtio',
        mac_address: '52:54:00:AA:CC:01',
        vlan: 20,
        firewall: true,
      },
      { slot: 'net3', bridge: 'vmbr1', model: 'vmxnet3', mac_address: '52:54:00:AA:CC:02', rate_mbps: 2.5 },
    ],
    pci_devices: [
      { slot: 'hostpci0', address: '0000:01:00', pcie: true, primary_gpu: true },
      { slot: 'hostpci1', mapping: 'gpu0' },
    ],
    start_at_boot: true,
    stays_stopped: true,
    boot_order: 4,
    boot_delay: 2,
  });
  const stays = 'no key says it; it stays as it is';
  expect(remarks).toEqual([
    'image: not known; name one before this VM can be made anew',
    `agent fstrim_cloned_disks=1: ${stays}`,
    `scsi0 discard=on: ${stays}`,
    `scsi0 iothread=1: ${stays}`,
    `scsi0 ssd=1: ${stays}`,
    `ide2 local:8201/vm-8201-cloudinit.qcow2,media=cdrom: ${stays}`,
    `scsi2 tank:vm-8201-disk-2,size=512M: ${stays}`,
    `net3 trunks=2;3: ${stays}`,
    `hostpci1 mdev=nvidia-63: ${stays}`,
    `balloon 512: ${stays}`,
    `numa 0: ${stays}`,
    'unused0 local:8201/vm-8201-disk-9.raw: a volume that no drive uses; it stays as it is',
    'Cloud-Init (cipassword, ciuser, ipconfig0): it has acted, and stays as it is',
  ]);
});

test('a VM without an agent, a network or a serial console says so', () => {
  const { keys } = described('name: old\nscsi0: local:8201/a.raw,size=4G\nvga: std\nbios: ovmf\n');
  expect(keys).toMatchObject({ guest_agent: false, network_interfaces: [], bios: 'ovmf' });
  expect(keys).not.toHaveProperty('serial_console');
});

test('what the folder can not say is named, never a secret', () => {
  const { keys, remarks } = described(
    'cipassword: canary-77\ncpu: host,flags=+a b\nmemory: 128\nboot: cdn\nnet0: ne2k_pci=52:54:00:AA:CC:01\nsnapx: 1\n\n[s1]\nname: a\n',
  );
  expect(keys).not.toHaveProperty('memory_mb');
  expect(remarks.join('\n')).toContain('memory 128: outside what a folder may say');
  expect(remarks.join('\n')).toContain('boot cdn');
  expect(remarks.join('\n')).toContain('net0 model=ne2k_pci');
  expect(remarks.join('\n')).toContain('1 snapshot: they stay');
  expect(JSON.stringify([keys, remarks])).not.toContain('canary-77');
});

test('a firewall that is on leaves an unfiltered NIC unfiltered', () => {
  const { keys } = described('net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0\n', {
    firewall: '[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 22 # shell\nIN SSH(ACCEPT)\n',
  });
  expect(keys).toMatchObject({
    network_interfaces: [{ firewall: false }],
    firewall: {
      enabled: true,
      rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '22', comment: 'shell' }],
    },
  });
});
