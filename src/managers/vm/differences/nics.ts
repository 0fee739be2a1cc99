import type { DesiredVmNic } from '../../../model/desired.ts';
import type { Effect } from '../../../model/change.ts';
import { showValue, type Scalar } from '../../../model/value.ts';
import { isSameCard } from '../../../pve/qemu/hotplug.ts';
import { parseNic } from '../../../pve/qemu/nics.ts';
import { isSameProperty, type Properties } from '../../../pve/property-string.ts';
import type { Difference } from '../../guest/difference.ts';
import { recordOf } from '../../guest/input.ts';
import { joinProperties } from '../../guest/join-properties.ts';
import type { PresentVm } from '../input.ts';
import { declaredNic, derivedMac, newNic } from '../wanted/nics.ts';
import { slotDifference, slotRemoval, type Slot, type SlotValue } from './slots.ts';

/**
 * NICs that differ, slot by slot. What the folder says is laid over what is there, so that an address
 * or a flag it doesn't mention is never lost: `netN` is replaced whole (PVE::API2::Qemu), and without
 * an address Proxmox invents a new one.
 */
export function nicDifferences(input: PresentVm): readonly Difference[] {
  const { desired, guest, folder } = input;
  const wanted = new Set(desired.nics.map(({ slot }) => slot));
  return [
    ...desired.nics.flatMap((nic) => slotDifference(input, slotOf(input, nic))),
    ...recordOf(guest, folder.folderId)
      .nics.filter((key) => !wanted.has(key))
      .flatMap((key) => slotRemoval(input, { key, what: 'nic', liveEffect: 'interrupts-network' })),
  ];
}

function slotOf(input: PresentVm, nic: DesiredVmNic): Slot {
  const { desired, folder, guest } = input;
  const declared = declaredNic(nic, desired);
  const place = { folder, node: guest.node };
  return {
    key: nic.slot,
    what: 'nic',
    parse: parseNic,
    isSatisfied: (current) => isSatisfied(current, declared),
    fresh: () => {
      const value = newNic(nic, desired, place);
      return { value, text: value };
    },
    changed: (current) => {
      const has = declared.has('macaddr') ? declared : current;
      const mac = has.get('macaddr') ?? derivedMac(nic, desired, place);
      const isKept = has === current && current.has('macaddr');
      return nicValue(new Map([...current, ...declared]), mac, isKept ? { fill: 'mac', of: nic.slot } : mac);
    },
    liveEffect: (before, after) => (before === undefined ? 'live' : effectOfChange(before, after)),
  };
}

function isSatisfied(current: Properties, declared: Properties): boolean {
  return [...declared].every(
    ([part, value]) =>
      isSameProperty(part, current.get(part), value) ||
      (part === 'firewall' && value === '0' && !current.has(part)),
  );
}

function nicValue(parts: Properties, mac: string, shownMac: Scalar): SlotValue {
  const rest = [...parts].filter(([part]) => part !== 'model' && part !== 'macaddr');
  const join = (address: Scalar) => joinProperties([[parts.get('model') ?? 'virtio', address], ...rest]);
  return { value: join(shownMac), text: showValue(join(mac)) };
}

/** Its rate changes unnoticed; all else takes the cable out for a moment, or the whole card. */
function effectOfChange(before: string, after: string): Effect {
  if (!isSameCard({ before, after })) return 'interrupts-network';
  const [old, fresh] = [parseNic(before), parseNic(after)];
  const isCable = ['bridge', 'tag', 'trunks', 'firewall', 'link_down'].some(
    (part) => !isSameProperty(part, old.get(part), fresh.get(part)),
  );
  return isCable ? 'interrupts-network' : 'live';
}
