import type { GuestId } from '../../model/target.ts';
import type { MachineDrive, MachineLaunch, MachineMedium, MachineNic } from '../host.ts';
import type { Section } from '../container/config.ts';
import type { StorageConfig } from '../storage/config.ts';
import { locate, refOfVolume } from '../storage/volumes.ts';
import { pathOf } from '../storage/names.ts';
import { hasAgentChannel } from './agent-setting.ts';
import { defaultBootOrder, readBootOrder } from './boot-order.ts';
import { drivesOf, isCdrom, type Drive } from './drives.ts';
import { parseMachineNic } from './nics.ts';

/** Everything that a VM would be started with now. */
export function machineLaunchOf(vmid: GuestId, section: Section, storages: StorageConfig): MachineLaunch {
  const { keys } = section;
  const number = (key: string, standard: number): number => Number(keys.get(key) ?? standard);
  const order = readBootOrder(keys.get('boot'));
  return {
    vmid,
    name: keys.get('name') ?? `vm${vmid}`,
    memoryMiB: memoryOf(keys.get('memory')),
    vcpus: keys.has('vcpus') ? number('vcpus', 1) : number('sockets', 1) * number('cores', 1),
    hasAgent: hasAgentChannel(keys.get('agent')),
    bootOrder: order.length > 0 ? order : defaultBootOrder(section),
    drives: drivesOf(section).map((drive) => hostDrive(drive, storages)),
    nics: [...keys]
      .filter(([key]) => /^net\d+$/.test(key))
      .map(([key, text]) => hostNic(vmid, key, text))
      .toSorted((a, b) => a.index - b.index),
    settings: Object.fromEntries(keys),
  };
}

/** A NIC as the host takes it. */
export function hostNic(vmid: GuestId, key: string, text: string): MachineNic {
  const index = Number(key.slice(3));
  return { index, hostName: `tap${vmid}i${index}`, fields: Object.fromEntries(parseMachineNic(text)) };
}

/** The memory that a VM's `memory` setting gives it, in MiB. */
export function memoryOf(text: string | undefined): number {
  return Number(/^(?:current=)?(\d+)/.exec(text ?? '')?.[1] ?? 512);
}

/** A drive as the host takes it. */
export function hostDrive(drive: Drive, storages: StorageConfig): MachineDrive {
  return {
    key: drive.key,
    medium: mediumOf(drive.file, storages),
    isCdrom: isCdrom(drive),
    fields: Object.fromEntries(drive.fields),
  };
}

function mediumOf(file: string, storages: StorageConfig): MachineMedium {
  if (file === '' || file === 'none' || file === 'cdrom') return { kind: 'none' };
  if (file.startsWith('/')) return { kind: 'path', path: file };
  const located = locate(storages, file);
  return located.parsed.type === 'images'
    ? { kind: 'volume', volume: refOfVolume(located), format: located.parsed.format }
    : { kind: 'path', path: pathOf(located.storage, located.name) };
}
