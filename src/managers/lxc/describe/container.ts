import type { DescribedGuest } from '../../../model/described.ts';
import type { Observation, ObservedGuest } from '../../../model/observation.ts';
import { withoutOwnerLine } from '../../../pve/notes.ts';
import { parseProperties } from '../../../pve/property-string.ts';
import { describeFirewall, isFirewallOn } from '../../guest/describe/firewall.ts';
import {
  commonRemarks,
  definedOnly,
  describeStartup,
  flag,
  groupsOf,
  limited,
  staysStopped,
  number,
  unsaid,
} from '../../guest/describe/part.ts';
import { describeMounts } from './mounts.ts';
import { describeNics } from './nics.ts';

/**
 * A container as a folder would describe it, so that a folder with nothing but this asks for nothing.
 * What waits for the next start is left out and remarked on.
 */
export function describeContainer(guest: ObservedGuest, node: Observation): DescribedGuest {
  const { keys, description, raw } = guest.config.head;
  const isTemplate = flag(keys.get('template'));
  const firewall = describeFirewall(guest.firewall);
  const nics = describeNics(keys, isFirewallOn(guest.firewall));
  const mounts = describeMounts(keys, isTemplate === true);
  const memory = limited('memory', keys.get('memory'), { as: 'memory_mb', least: 512, most: 131_072 });
  const swap = limited('swap', keys.get('swap'), { as: 'swap_mb', least: 0, most: 131_072 });
  const startup = describeStartup(keys.get('startup'));
  const template = guessTemplate(keys.get('ostype'), node.templates);
  const notes = withoutOwnerLine(description);
  const name = keys.get('hostname') ?? `CT${guest.vmid}`;
  return {
    vmid: guest.vmid,
    kind: 'lxc',
    name,
    groups: groupsOf([
      {
        name,
        template,
        existing: template === undefined ? true : undefined,
        is_template: isTemplate,
        unprivileged: keys.get('unprivileged') === '1',
        tags: keys.get('tags')?.split(/[;, ]+/),
        notes: notes === '' ? undefined : notes,
        protection: flag(keys.get('protection')),
        timezone: keys.get('timezone'),
      },
      { ...memory.keys, ...swap.keys, cores: number(keys.get('cores')) },
      mounts.root,
      nics.keys,
      mounts.keys,
      {
        pct_options: keys.get('features')?.split(','),
        lxc_options: raw.length === 0 ? undefined : raw.map(([key, value]) => `${key}: ${value}`),
        devices: describeDevices(keys),
      },
      { start_at_boot: flag(keys.get('onboot')), ...startup.keys, stays_stopped: staysStopped(guest) },
      firewall.keys,
    ]),
    remarks: [
      template === undefined
        ? 'template: not known; name one before this container can be made anew'
        : 'template: a guess from its system, since Proxmox does not keep it',
      ...[memory, mounts, nics, startup, firewall].flatMap(({ remarks }) => remarks),
      ...otherKeys(keys),
      ...commonRemarks(guest.config),
    ],
  };
}

/** Keys that are looked after here, or that Proxmox keeps for itself. */
const TOLD = new Set(
  [
    'arch cores description features hostname memory nameserver onboot ostype protection rootfs searchdomain',
    'startup swap tags template timezone unprivileged digest lock parent snaptime snapstate',
  ].flatMap((keys) => keys.split(' ')),
);

function otherKeys(keys: ReadonlyMap<string, string>): readonly string[] {
  return [...keys].flatMap(([key, value]) => {
    if (/^unused\d+$/.test(key)) return [`${key} ${value}: a volume that no mount uses; it stays as it is`];
    const isTold = TOLD.has(key) || /^(mp|net|dev)\d+$/.test(key);
    return isTold && !(key === 'arch' && value !== 'amd64') ? [] : [unsaid(`${key} ${value}`)];
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

function guessTemplate(system: string | undefined, templates: readonly string[]): string | undefined {
  return templates.find(
    (template) => template.includes(':vztmpl/') && template.split('/')[1]?.startsWith(`${system}-`),
  );
}
