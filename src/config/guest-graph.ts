import type { GuestId } from '../model/target.ts';
import type { Findings } from './diagnose.ts';
import { featureNames } from './feature/features-of.ts';
import type { RawGuest } from './raw-guest.ts';
import type { Starter } from './start-order.ts';

export type Guests = ReadonlyMap<GuestId, RawGuest>;

/** The guests by id, of two with the same id the first; the other is reported. */
export function guestsById(list: readonly RawGuest[], findings: Findings): Guests {
  const guests = new Map<GuestId, RawGuest>();
  for (const guest of list) {
    const earlier = guests.get(guest.vmid);
    if (!earlier) {
      guests.set(guest.vmid, guest);
      continue;
    }
    findings.add('duplicate-vmid', {
      summary: 'Two guests have the same id',
      detail: `${guest.vmid} is also at ${earlier.position.file}:${earlier.position.line}; containers and VMs share one space of ids.`,
      position: guest.position,
      target: guest.vmid,
    });
  }
  return guests;
}

/** The id of the guest that one is cloned from. */
export function cloneSourceOf({ config }: RawGuest): GuestId | undefined {
  const reference = 'clone_from_ctid' in config ? config.clone_from_ctid : undefined;
  const machine = 'clone_from_vmid' in config ? config.clone_from_vmid : undefined;
  const found = reference ?? machine;
  return found === undefined ? undefined : Number(found);
}

/** The guests that one is cloned from, nearest first; a circle ends it. */
export function cloneLine(guest: RawGuest, guests: Guests): readonly RawGuest[] {
  const line: RawGuest[] = [];
  const seen = new Set([guest.vmid]);
  let source = cloneSourceOf(guest);
  while (source !== undefined && !seen.has(source)) {
    seen.add(source);
    const found = guests.get(source);
    if (!found) break;
    line.push(found);
    source = cloneSourceOf(found);
  }
  return line;
}

/** Answers which features a guest has from the guests that it is cloned from. */
export function inheritedFeatures(guests: Guests): (guest: RawGuest) => ReadonlySet<string> {
  return (guest) => new Set(cloneLine(guest, guests).flatMap(({ config }) => featureNames(config)));
}

/** The guests as the order of starts sees them. A template is never started. */
export function startersOf(guests: Guests): ReadonlyMap<GuestId, Starter> {
  return new Map(
    [...guests.values()].map(({ vmid, config }) => [
      vmid,
      {
        vmid,
        dependencies: (config.dependencies ?? []).map(Number),
        startsAtBoot: config.start_at_boot === true && config.is_template !== true,
        order: config.boot_order,
      },
    ]),
  );
}
