import type { DescribedGuest } from '../../../model/described.ts';
import type { Observation, ObservedGuest } from '../../../model/observation.ts';
import { withoutOwnerLine } from '../../../pve/notes.ts';
import { parseBoolean, parseProperties } from '../../../pve/property-string.ts';
import { describeFirewall, isFirewallOn } from './firewall.ts';
import { describeMounts } from './mounts.ts';
import { describeNics } from './nics.ts';
import { definedOnly, number, type Part } from './part.ts';

/**
 * A container as a folder would describe it, so that a folder with nothing but this asks for nothing.
 * What waits for the next start is left out and remarked on.
 */
export function describeContainer(guest: ObservedGuest, node: Observation): DescribedGuest {
  const { keys, description, raw } = guest.config.head;
  const mounts = describeMounts(keys, keys.get('template') === '1');
  const firewall = describeFirewall(guest.firewall);
  const nics = describeNics(keys, isFirewallOn(guest.firewall));
  const startup = describeStartup(keys.get('startup'));
  const template = guessTemplate(keys.get('ostype'), node.templates);
  const notes = withoutOwnerLine(description);
  const features = keys.get('features');
  const identity = {
    name: keys.get('hostname') ?? `CT${guest.vmid}`,
    template,
    is_template: flag(keys.get('template')),
    unprivileged: keys.get('unprivileged') === '1',
    tags: keys.get('tags')?.split(';'),
    notes: notes === '' ? undefined : notes,
    protection: flag(keys.get('protection')),
    timezone: keys.get('timezone'),
  };
  const resources = {
    memory_mb: withinLimits(keys.get('memory'), 512, 131_072),
    swap_mb: withinLimits(keys.get('swap'), 0, 131_072),
    cores: number(keys.get('cores')),
  };
  const start = { start_at_boot: flag(keys.get('onboot')), ...startup.keys };
  const lxc = {
    pct_options: features === undefined ? undefined : features.split(','),
    lxc_options: raw.length === 0 ? undefined : raw.map(([key, value]) => `${key}: ${value}`),
    devices: describeDevices(keys),
  };
  return {
    vmid: guest.vmid,
    kind: 'lxc',
    name: identity.name,
    groups: [identity, resources, mounts.root, nics.keys, mounts.keys, lxc, start, firewall.keys]
      .map(definedOnly)
      .filter((group) => Object.keys(group).length > 0),
    remarks: [
      template === undefined
        ? 'template: not known; name one before this container can be made anew'
        : 'template: a guess from its system, since Proxmox does not keep it',
      ...beyondLimits('memory', keys.get('memory'), resources.memory_mb),
      ...mounts.remarks,
      ...nics.remarks,
      ...startup.remarks,
      ...firewall.remarks,
      ...otherKeys(keys),
      ...(guest.config.pending ? ['values that wait for its next start are not taken over'] : []),
      ...snapshotRemark(guest.config.snapshots.size),
    ],
  };
}

/** Keys that are looked after here, or that Proxmox invents, or that mean what is usual. */
const TOLD = new Set(
  'arch cores description features hostname memory nameserver onboot ostype protection rootfs searchdomain startup swap tags template timezone unprivileged'.split(
    ' ',
  ),
);
const TRANSIENT = new Set(['digest', 'lock', 'parent', 'snaptime', 'snapstate']);

function otherKeys(keys: ReadonlyMap<string, string>): readonly string[] {
  return [...keys].flatMap(([key, value]) => {
    if (TOLD.has(key) || TRANSIENT.has(key) || /^(mp|net|dev)\d+$/.test(key)) {
      return key === 'arch' && value !== 'amd64' ? [`arch ${value}: no key says it; it stays as it is`] : [];
    }
    if (/^unused\d+$/.test(key)) return [`${key} ${value}: a volume that no mount uses; it stays as it is`];
    return [`${key} ${value}: no key says it; it stays as it is`];
  });
}

function describeDevices(keys: ReadonlyMap<string, string>): readonly unknown[] | undefined {
  const devices = [...keys].flatMap(([key, text]) => {
    if (!/^dev\d+$/.test(key)) return [];
    const parts = parseProperties(text, 'path');
    const said = definedOnly({
      path: parts.get('path'),
      mode: parts.get('mode'),
      uid: number(parts.get('uid')),
      gid: number(parts.get('gid')),
    });
    return [Object.keys(said).length === 1 ? said['path'] : said];
  });
  return devices.length === 0 ? undefined : devices;
}

function describeStartup(text: string | undefined): Part {
  if (text === undefined) return { keys: {}, remarks: [] };
  const parts = parseProperties(text, 'order');
  const [up, down] = [parts.get('up'), parts.get('down')];
  const isOne = up === down;
  return {
    keys: { boot_order: number(parts.get('order')), boot_delay: isOne ? number(up) : undefined },
    remarks: isOne
      ? []
      : [`startup ${text}: boot_delay means the same for up and down; both stay as they are`],
  };
}

function guessTemplate(system: string | undefined, templates: readonly string[]): string | undefined {
  return templates.find((template) => template.split('/')[1]?.startsWith(`${system}-`));
}

function withinLimits(text: string | undefined, least: number, most: number): number | undefined {
  const value = number(text);
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function beyondLimits(key: string, text: string | undefined, said: number | undefined): readonly string[] {
  return text === undefined || said !== undefined
    ? []
    : [`${key} ${text}: outside what a folder may say; it stays as it is`];
}

function flag(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : parseBoolean(text);
}

function snapshotRemark(count: number): readonly string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? 'snapshot' : 'snapshots'}: they stay as they are`];
}
