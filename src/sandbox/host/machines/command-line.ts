import type { MachineLaunch } from '../../../twin/host.ts';
import type { Accelerator } from './accelerator.ts';
import { type Board, controllersOf, driveDevice, driveOption } from './drives.ts';
import { nicBackend, nicDevice } from './nics.ts';
import { runtimeFile } from './runtime-files.ts';

/** What a VM gets of this machine. */
export type Share = {
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly vcpus: number;
};

/** QEMU's command line for a VM. Its process goes into the background once the VM runs. */
export function commandLine(launch: MachineLaunch, share: Share): string[] {
  const { vmid, name, settings } = launch;
  const board = boardOf(settings);
  const drives = launch.drives.filter(({ key }) => !UNSUPPORTED_DRIVES.test(key));
  const isKvm = share.accelerator === 'kvm';
  return [
    'qemu-system-x86_64',
    ...option('name', `${name},debug-threads=on`),
    ...option('pidfile', runtimeFile(vmid, 'pid')),
    '-daemonize',
    '-nodefaults',
    '-no-user-config',
    ...option('display', 'none'),
    ...option('vga', 'none'),
    ...option('machine', board.isQ35 ? 'q35' : 'pc'),
    ...option('accel', isKvm ? 'kvm' : 'tcg,thread=multi'),
    ...option('cpu', isKvm ? 'host' : 'max'),
    ...option('smp', String(share.vcpus)),
    ...option('m', String(share.memoryMiB)),
    ...option('rtc', 'base=utc,driftfix=slew'),
    ...option('boot', 'menu=off,strict=on'),
    ...identity(settings['smbios1']),
    ...option('chardev', `socket,id=qmp,path=${runtimeFile(vmid, 'qmp')},server=on,wait=off`),
    ...option('mon', 'chardev=qmp,mode=control'),
    ...console(launch),
    ...option('device', 'virtio-rng-pci'),
    ...(settings['balloon'] === '0' ? [] : option('device', 'virtio-balloon-pci,id=balloon0')),
    ...(launch.hasAgent ? agentChannel(launch) : []),
    ...controllersOf(drives, board).flatMap((device) => option('device', device)),
    ...drives.flatMap((drive) => [
      ...option('drive', driveOption(drive)),
      ...option('device', driveDevice(drive, board, bootIndex(launch, drive.key))),
    ]),
    ...launch.nics.flatMap((nic) => [
      ...option('netdev', nicBackend(nic)),
      ...option('device', nicDevice(nic)),
    ]),
  ];
}

/** The mainboard that a VM's settings ask for. */
export function boardOf(settings: MachineLaunch['settings']): Board {
  return {
    isQ35: /(?:^|[=,])(?:pc-)?q35/.test(settings['machine'] ?? ''),
    scsihw: settings['scsihw'] ?? 'lsi',
  };
}

/** What a VM's settings ask for and the sandbox leaves out, for people. */
export function leftOut({ settings, drives }: MachineLaunch): string[] {
  const keys = Object.keys(settings).filter((key) => /^(hostpci|usb)\d+$|^args$/.test(key));
  const lacking = [...keys, ...drives.map(({ key }) => key).filter((key) => UNSUPPORTED_DRIVES.test(key))];
  return [
    ...(lacking.length === 0 ? [] : [`the sandbox leaves out ${lacking.toSorted().join(', ')}`]),
    ...(settings['bios'] === 'ovmf' ? ['the sandbox starts it by SeaBIOS, it has no UEFI firmware'] : []),
  ];
}

const UNSUPPORTED_DRIVES = /^(efidisk|tpmstate)/;

function option(name: string, value: string): [string, string] {
  return [`-${name}`, value];
}

function identity(smbios: string | undefined): string[] {
  const uuid = /(?:^|,)uuid=([0-9a-f-]{36})/i.exec(smbios ?? '')?.[1];
  return uuid === undefined ? [] : option('smbios', `type=1,uuid=${uuid}`);
}

/** There is always a serial port: what a system says while it starts is kept for whoever waits for it. */
function console({ vmid, settings }: MachineLaunch): string[] {
  const log = runtimeFile(vmid, 'serial0.log');
  const backend =
    settings['serial0'] === undefined
      ? `file,id=serial0,path=${log}`
      : `socket,id=serial0,path=${runtimeFile(vmid, 'serial0')},server=on,wait=off,logfile=${log}`;
  return [...option('chardev', backend), ...option('device', 'isa-serial,chardev=serial0')];
}

function agentChannel({ vmid }: MachineLaunch): string[] {
  return [
    ...option('chardev', `socket,id=qga0,path=${runtimeFile(vmid, 'qga')},server=on,wait=off`),
    ...option('device', 'virtio-serial-pci,id=qga-bus'),
    ...option('device', 'virtserialport,chardev=qga0,name=org.qemu.guest_agent.0'),
  ];
}

function bootIndex({ bootOrder }: MachineLaunch, key: string): number | undefined {
  const index = bootOrder.indexOf(key);
  return index === -1 ? undefined : 100 + index;
}
