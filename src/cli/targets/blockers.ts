import type { Folder } from '../../model/desired.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';

/** A guest that stands in the way of deleting another, and why. */
export type Blocker = {
  readonly vmid: GuestId;
  readonly name: string;
  readonly of: GuestId;
  readonly reason: 'depends on it' | 'is a linked clone of it';
  /** False for a guest that the folder does not know: nothing of ours may delete it. */
  readonly isDeclared: boolean;
};

/**
 * The guests on the node that can't live without one of `targets`, the targets themselves aside:
 * declared guests that depend on it, and linked clones of it, declared or not.
 */
export function blockersOf(
  folder: Folder,
  { guests }: Observation,
  targets: ReadonlySet<GuestId>,
): readonly Blocker[] {
  const found: Blocker[] = [];
  for (const guest of guests.values()) {
    if (targets.has(guest.vmid)) continue;
    const desired = folder.guests.get(guest.vmid);
    const name = nameOf(guest) ?? desired?.name ?? '';
    const known = { vmid: guest.vmid, name, isDeclared: desired !== undefined };
    const sources = new Set(linkedSources(guest));
    const declared = guests.get(desired?.cloneFrom?.vmid ?? 0);
    if (declared !== undefined && isTemplate(declared)) sources.add(declared.vmid);
    for (const of of new Set([...sources, ...(desired?.dependencies ?? [])])) {
      if (!targets.has(of) || !guests.has(of)) continue;
      const reason = sources.has(of) ? 'is a linked clone of it' : 'depends on it';
      found.push({ ...known, of, reason });
    }
  }
  return found.sort((one, other) => one.vmid - other.vmid);
}

/* A linked clone's volume names its base: `local:900/base-900-disk-0.raw/101/vm-101-disk-0.qcow2`. */
function linkedSources({ config }: ObservedGuest): readonly GuestId[] {
  const { head, pending, snapshots } = config;
  const sections = [head, ...(pending === undefined ? [] : [pending]), ...snapshots.values()];
  return sections.flatMap(({ keys }) =>
    [...keys.values()].flatMap((value) => {
      const source = BASE_VOLUME.exec(value)?.[1];
      return source === undefined ? [] : [Number(source)];
    }),
  );
}

const BASE_VOLUME = /(?:^|[:/])base(?:vol)?-(\d+)-disk-/;

function isTemplate(guest: ObservedGuest): boolean {
  return guest.config.head.keys.get('template') === '1';
}

function nameOf(guest: ObservedGuest): string | undefined {
  const { keys } = guest.config.head;
  return keys.get('hostname') ?? keys.get('name');
}
