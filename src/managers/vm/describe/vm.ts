import type { DescribedGuest } from '../../../model/described.ts';
import type { ObservedGuest } from '../../../model/observation.ts';
import { withoutOwnerLine } from '../../../pve/notes.ts';
import { parseBoolean } from '../../../pve/property-string.ts';
import { readBootOrder } from '../../../pve/qemu/drives.ts';
import { partsOfKey } from '../../../pve/qemu/same-value.ts';
import { describeFirewall, isFirewallOn } from '../../guest/describe/firewall.ts';
import {
  commonRemarks,
  describeStartup,
  flag,
  groupsOf,
  limited,
  staysStopped,
  unsaid,
} from '../../guest/describe/part.ts';
import { describeDisks } from './disks.ts';
import { describeNics } from './nics.ts';
import { describePciDevices } from './pci-devices.ts';

/**
 * A VM as a folder would describe it, so that a folder with nothing but this asks for nothing. What
 * waits for the next start is left out and remarked on, and so is its Cloud-Init, which has acted.
 */
export function describeVm(guest: ObservedGuest): DescribedGuest {
  const { keys, description } = guest.config.head;
  const memory = limited('memory', keys.get('memory'), { as: 'memory_mb', least: 512, most: 131_072 });
  const cores = limited('cores', keys.get('cores'), { as: 'cores', least: 1, most: 8192 });
  const sockets = limited('sockets', keys.get('sockets'), { as: 'sockets', least: 1, most: 64 });
  const disks = describeDisks(keys);
  const nics = describeNics(keys, isFirewallOn(guest.firewall));
  const devices = describePciDevices(keys);
  const startup = describeStartup(keys.get('startup'));
  const firewall = describeFirewall(guest.firewall);
  const said = describeSystem(keys);
  const notes = withoutOwnerLine(description);
  const name = keys.get('name') ?? `VM${guest.vmid}`;
  return {
    vmid: guest.vmid,
    kind: 'vm',
    name,
    groups: groupsOf([
      {
        name,
        existing: true,
        is_template: flag(keys.get('template')),
        tags: keys.get('tags')?.split(/[;, ]+/),
        notes: notes === '' ? undefined : notes,
        protection: flag(keys.get('protection')),
      },
      { ...memory.keys, ...cores.keys, ...sockets.keys, ...said.keys },
      disks.keys,
      nics.keys,
      devices.keys,
      { start_at_boot: flag(keys.get('onboot')), ...startup.keys, stays_stopped: staysStopped(guest) },
      firewall.keys,
    ]),
    remarks: [
      'image: not known; name one before this VM can be made anew',
      ...[memory, cores, sockets, said, disks, nics, devices, startup, firewall].flatMap(
        ({ remarks }) => remarks,
      ),
      ...otherKeys(keys),
      ...commonRemarks(guest.config),
    ],
  };
}

function describeSystem(keys: ReadonlyMap<string, string>) {
  const agent = partsOfKey('agent', keys.get('agent'));
  const hasAgent = parseBoolean(agent.get('enabled') ?? '0') === true;
  const isSerial =
    keys.get('serial0') === 'socket' && partsOfKey('vga', keys.get('vga')).get('type') === 'serial0';
  const order = readBootOrder(keys.get('boot'));
  const canBeSaid = order.length > 0 && order.every((device) => BOOT_DEVICE.test(device));
  const checked = [
    ['cpu', 'cpu_type', /^[A-Za-z0-9][A-Za-z0-9._-]*(?:,[a-z-]+=[^,\s]+)*$/],
    ['bios', 'bios', /^(?:seabios|ovmf)$/],
    [
      'machine',
      'machine',
      /^(?:q35|pc|pc(?:-i440fx|-q35)?-\d+(?:\.\d+)+(?:\+pve\d+)?)(?:,viommu=(?:intel|virtio))?$/,
    ],
    ['ostype', 'os_type', /^(?:l26|l24|win11|win10|win8|win7|w2k8|w2k3|w2k|wvista|wxp|solaris|other)$/],
  ] as const;
  const found = checked.flatMap(([key, as, form]) => {
    const value = keys.get(key);
    return value === undefined ? [] : [{ key, as, value, isSaid: form.test(value) }];
  });
  return {
    keys: {
      ...Object.fromEntries(found.flatMap(({ as, value, isSaid }) => (isSaid ? [[as, value]] : []))),
      guest_agent: hasAgent ? undefined : false,
      serial_console: isSerial ? true : undefined,
      boot_devices: canBeSaid ? order : undefined,
    },
    remarks: [
      ...found.flatMap(({ key, value, isSaid }) => (isSaid ? [] : [unsaid(`${key} ${value}`)])),
      ...[...agent].flatMap(([part, value]) =>
        part === 'enabled' ? [] : [unsaid(`agent ${part}=${value}`)],
      ),
      ...(isSerial
        ? []
        : ['serial0', 'vga'].flatMap((key) => (keys.has(key) ? [unsaid(`${key} ${keys.get(key)}`)] : []))),
      ...(canBeSaid || !keys.has('boot') ? [] : [unsaid(`boot ${keys.get('boot')}`)]),
    ],
  };
}

const BOOT_DEVICE =
  /^(?:scsi(?:\d|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5]|ide[0-3]|net(?:\d|[12]\d|3[01]))$/;

/** Keys that are looked after here, or that Proxmox keeps for itself. */
const TOLD = new Set(
  [
    'agent bios boot bootdisk cores cpu description machine memory name onboot ostype protection serial0 sockets',
    'startup tags template vga digest lock parent snaptime snapstate meta smbios1 vmgenid runningmachine runningcpu vmstate',
  ].flatMap((keys) => keys.split(' ')),
);
const CLOUD_INIT =
  /^(?:cicustom|cipassword|citype|ciupgrade|ciuser|ipconfig\d+|nameserver|searchdomain|sshkeys)$/;

function otherKeys(keys: ReadonlyMap<string, string>): readonly string[] {
  const others = [...keys.keys()].filter(
    (key) =>
      !TOLD.has(key) &&
      !CLOUD_INIT.test(key) &&
      !/^(?:ide|scsi|virtio|sata|net|hostpci|efidisk|tpmstate)\d+$/.test(key),
  );
  const cloudInit = [...keys.keys()].filter((key) => CLOUD_INIT.test(key));
  return [
    ...others.map((key) =>
      /^unused\d+$/.test(key)
        ? `${key} ${keys.get(key)}: a volume that no drive uses; it stays as it is`
        : unsaid(`${key} ${keys.get(key)}`),
    ),
    ...(cloudInit.length === 0
      ? []
      : [`Cloud-Init (${cloudInit.join(', ')}): it has acted, and stays as it is`]),
  ];
}
