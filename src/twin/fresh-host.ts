import { bareHost, type WorldDevice, type WorldHost } from './host-state.ts';

/** A Proxmox VE host as its installer leaves it: the system on one disk, two blank disks beside it. */
export function freshHost(): WorldHost {
  return {
    ...bareHost(),
    distribution: 'debian',
    suite: 'trixie',
    timezone: 'Etc/UTC',
    kernel: '6.17.2-1-pve',
    kernelCommandLine: 'BOOT_IMAGE=/boot/vmlinuz-6.17.2-1-pve root=/dev/mapper/pve-root ro quiet',
    installedKernels: ['6.17.2-1-pve'],
    packages: {
      'proxmox-ve': '9.1.0',
      'pve-manager': '9.1.1',
      'zfsutils-linux': '2.3.4-pve1',
      ifupdown2: '3.3.0-1+pmx10',
    },
    available: {
      sudo: '1.9.16p2-3',
      curl: '8.14.1-2',
      htop: '3.4.1-5',
      dkms: '3.2.2-1',
      'proxmox-headers-6.17.2-1-pve': '6.17.2-1',
    },
    sysctl: { 'vm.swappiness': '60', 'net.ipv4.ip_forward': '0', 'fs.inotify.max_user_watches': '65536' },
    arcMaxBytes: 0,
    modules: ['zfs', 'spl', 'bridge'],
    units: { 'pve-guests.service': { enabled: true, active: true } },
    devices: [...systemDisk(), blankDisk('sdb', 'S4EVNX0R1'), blankDisk('sdc', 'S4EVNX0R2')],
    isClockSynchronised: true,
    isFirewallRunning: false,
  };
}

const GIB = 1024 ** 3;

function blankDisk(name: string, serial: string): WorldDevice {
  return {
    name,
    type: 'disk',
    sizeBytes: 931 * GIB,
    model: 'Samsung SSD 870',
    serial,
    ids: [`/dev/disk/by-id/ata-Samsung_SSD_870_${serial}`],
    isPhysical: true,
  };
}

function systemDisk(): WorldDevice[] {
  const disk = blankDisk('sda', 'S4EVNX0R0');
  const signature = (offset: string, type: string) => ({ offset, type });
  return [
    {
      ...disk,
      pttype: 'gpt',
      signatures: [signature('0x200', 'gpt'), signature('0x1fe', 'PMBR')],
      data: 'the system',
    },
    {
      name: 'sda1',
      parent: 'sda',
      type: 'part',
      sizeBytes: GIB,
      fstype: 'vfat',
      pttype: 'gpt',
      mountpoints: ['/boot/efi'],
      signatures: [signature('0x52', 'vfat')],
    },
    {
      name: 'sda2',
      parent: 'sda',
      type: 'part',
      sizeBytes: 930 * GIB,
      fstype: 'LVM2_member',
      pttype: 'gpt',
      signatures: [signature('0x218', 'LVM2_member')],
    },
    {
      name: 'pve-root',
      parent: 'sda2',
      type: 'lvm',
      sizeBytes: 96 * GIB,
      fstype: 'ext4',
      mountpoints: ['/'],
    },
  ];
}
