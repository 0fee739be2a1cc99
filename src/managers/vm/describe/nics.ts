import type { Properties } from '../../../pve/property-string.ts';
import { parseNic } from '../../../pve/qemu/nics.ts';
import { definedOnly, flag, number, unsaid, type Part } from '../../guest/describe/part.ts';

/**
 * NICs of a VM's configuration by their slots; an empty list where it has none, which is not to say
 * nothing. One that is not filtered says so where the guest's firewall is on.
 */
export function describeNics(keys: ReadonlyMap<string, string>, isFirewallOn: boolean): Part {
  const nics = [...keys]
    .filter(([key]) => /^net\d+$/.test(key))
    .toSorted(([one], [other]) => Number(one.slice(3)) - Number(other.slice(3)))
    .map(([slot, text]) => ({ slot, parts: parseNic(text) }));
  return {
    keys: { network_interfaces: nics.map((nic) => describeNic(nic, isFirewallOn)) },
    remarks: nics.flatMap(({ slot, parts }) =>
      [...parts]
        .filter(([part, value]) => !TOLD.has(part) || (part === 'model' && !MODELS.has(value)))
        .map(([part, value]) => unsaid(`${slot} ${part}=${value}`)),
    ),
  };
}

const TOLD = new Set(['model', 'macaddr', 'bridge', 'firewall', 'mtu', 'rate', 'tag']);
const MODELS = new Set(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3']);

function describeNic(
  { slot, parts }: { readonly slot: string; readonly parts: Properties },
  isFirewallOn: boolean,
): Readonly<Record<string, unknown>> {
  const model = parts.get('model') ?? '';
  return definedOnly({
    slot,
    bridge: parts.get('bridge'),
    model: MODELS.has(model) ? model : undefined,
    mac_address: parts.get('macaddr'),
    vlan: number(parts.get('tag')),
    mtu: number(parts.get('mtu')),
    rate_mbps: number(parts.get('rate')),
    firewall: flag(parts.get('firewall') ?? (isFirewallOn ? '0' : undefined)),
  });
}
