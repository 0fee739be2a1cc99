import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import type { GuestKind } from '../../model/target.ts';
import { isDrive } from './drives.ts';
import type { GuestInput } from './input.ts';
import { namesVolume, ownName, volumesOf } from './volumes-of.ts';
import { wordsOf } from './words.ts';

/** What Proxmox's create and clone of a kind of guest leave behind when they are killed. */
export type HuskRules = {
  /** Was it made to its end, though the config has no lock any more? */
  readonly isDone: (input: GuestInput, guest: ObservedGuest) => boolean;
  /** Keys that Proxmox writes into every new guest, whatever it was told. */
  readonly always: readonly string[];
  /** How many volumes a copy of these keys allocates. */
  readonly countCopied: (keys: ReadonlyMap<string, string>) => number;
  /** How many volumes a create allocates. */
  readonly countAllocated: (create: PveOperation) => number;
};

/**
 * The create or clone of this guest that a run began and never ended, where what stands there is what
 * it left: not running, no snapshots, no key and no volume beyond what that call makes, and either
 * still locked by it or not made to its end.
 */
export function huskOf(input: GuestInput, guest: ObservedGuest, rules: HuskRules): PveOperation | undefined {
  const begun = openMaking(input);
  const lock = guest.config.head.keys.get('lock');
  const isUnfinished = lock === 'create' || lock === 'clone' || lock === 'disk';
  if (!begun || guest.running || guest.config.snapshots.size > 0) return undefined;
  if (lock === undefined ? rules.isDone(input, guest) : !isUnfinished) return undefined;
  return isWithin(input.observed.node, guest, { begun, rules }) ? begun : undefined;
}

/** The create or clone of this guest that the journal says was begun and never ended. */
export function openMaking({ desired, observed }: GuestInput): PveOperation | undefined {
  const { tool } = wordsOf(desired.kind);
  return observed.node.openEntries
    .flatMap((entry) => (entry.entry === 'begin' && entry.target === desired.vmid ? [entry.operation] : []))
    .findLast(
      (operation): operation is PveOperation =>
        operation.op === 'pve' && (operation.call === `${tool} create` || operation.call === `${tool} clone`),
    );
}

/** Volumes that a husk's create or clone allocated and that its config does not name: killed in between. */
export function strayVolumes(node: Observation, guest: ObservedGuest): readonly string[] {
  const isNamed = namesVolume(guest);
  return volumesSince(node, guest).filter((volume) => !isNamed(volume));
}

/** A destroy of ours that was killed near its end: nothing but the lock that it ends with is left of it. */
export function isHalfDestroyed({ observed }: GuestInput, { vmid, kind, config }: ObservedGuest): boolean {
  return (
    config.head.keys.size === 1 &&
    config.head.keys.get('lock') === 'destroyed' &&
    hasOpenDestroy(observed.node, vmid, kind)
  );
}

/**
 * The disks that a destroy of ours freed before it was killed: the config still names them, and a
 * storage that was looked at (`of`) has them no more.
 */
export function destroyedDisks(
  { observed }: GuestInput,
  { vmid, kind, config }: ObservedGuest,
  of: readonly string[],
): readonly string[] {
  if (!hasOpenDestroy(observed.node, vmid, kind)) return [];
  const there = new Set(observed.node.volumes.map(ownName));
  return [...config.head.keys].flatMap(([key, text]) => {
    const [volume = ''] = text.split(',', 1);
    const isGone = of.includes(volume.split(':', 1)[0] ?? '') && !there.has(ownName(volume));
    return isDrive(kind, key) && volumesOf([volume], vmid).length > 0 && isGone ? [key] : [];
  });
}

function hasOpenDestroy({ openEntries }: Observation, vmid: number, kind: GuestKind): boolean {
  return openEntries.some(
    (entry) =>
      entry.entry === 'begin' &&
      entry.operation.op === 'pve' &&
      entry.operation.vmid === vmid &&
      entry.operation.call === `${wordsOf(kind).tool} destroy`,
  );
}

function isWithin(
  node: Observation,
  guest: ObservedGuest,
  { begun, rules }: { readonly begun: PveOperation; readonly rules: HuskRules },
): boolean {
  const isClone = begun.call.endsWith(' clone');
  const source = isClone ? node.guests.get(begun.vmid ?? 0) : undefined;
  const copied = source && sectionOf(source, begun);
  const known = new Set([...rules.always, ...Object.keys(begun.params), ...(copied?.keys() ?? [])]);
  if (![...guest.config.head.keys.keys()].every((key) => known.has(key))) return false;
  if (guest.config.head.raw.length > 0 && !source) return false;
  const made = copied ? rules.countCopied(copied) : rules.countAllocated(begun);
  return volumesSince(node, guest).length <= made;
}

/** What was copied: the source as it is, or as its snapshot has it. */
function sectionOf({ config }: ObservedGuest, { params }: PveOperation): ReadonlyMap<string, string> {
  const snapshot = params['snapname'];
  const section = typeof snapshot === 'string' ? config.snapshots.get(snapshot) : undefined;
  return (section ?? config.head).keys;
}

function volumesSince(node: Observation, { vmid, nodeRecord }: ObservedGuest): readonly string[] {
  const before = nodeRecord?.volumesBefore ?? [];
  return volumesOf(node.volumes, vmid).filter((volume) => !before.includes(volume));
}
