import type { JournalEntry } from '../../model/journal.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import { isOurs, type LxcInput } from './input.ts';
import { entriesOf } from './differences/entries.ts';
import { isBind, parseMount } from './differences/mounts.ts';
import { namedVolumes, volumesOf } from './volumes-of.ts';

/**
 * The create or clone of this container that a run began and never ended, where what stands there
 * is what it left: not running, no snapshots, no key and no volume beyond what that call makes, and
 * either still locked by it or not made to its end.
 */
export function huskOf(input: LxcInput, guest: ObservedGuest): PveOperation | undefined {
  const begun = openMaking(input);
  const lock = guest.config.head.keys.get('lock');
  const isUnfinished = lock === 'create' || lock === 'clone' || lock === 'disk';
  if (!begun || guest.running || guest.config.snapshots.size > 0) return undefined;
  if (lock === undefined ? isDone(input, guest) : !isUnfinished) return undefined;
  return isWithin(input.observed.node, guest, begun) ? begun : undefined;
}

/** The create or clone of this container that the journal says was begun and never ended. */
export function openMaking({ desired, observed }: LxcInput): PveOperation | undefined {
  return openOperations(observed.node.openEntries, desired.vmid).findLast(
    (operation): operation is PveOperation =>
      operation.op === 'pve' && (operation.call === 'pct create' || operation.call === 'pct clone'),
  );
}

function openOperations(entries: readonly JournalEntry[], vmid: number): readonly Operation[] {
  return entries.flatMap((entry) =>
    entry.entry === 'begin' && entry.target === vmid ? [entry.operation] : [],
  );
}

/**
 * Was it made to its end? Then it has our line, and every key that Proxmox adds last: a worker that
 * was killed before leaves a config without them and without a lock, our line included
 * (PVE::API2::LXC create_vm writes it after the template was unpacked; recording lxc-parallel).
 */
function isDone({ folder }: LxcInput, guest: ObservedGuest): boolean {
  const { keys } = guest.config.head;
  return isOurs(guest, folder.folderId) && ADDED_LAST.every((key) => keys.has(key));
}

const ADDED_LAST = ['hostname', 'memory', 'swap'];

function isWithin(node: Observation, guest: ObservedGuest, begun: PveOperation): boolean {
  const source = begun.call === 'pct clone' ? node.guests.get(begun.vmid ?? 0) : undefined;
  const known = new Set([
    ...ALWAYS,
    ...Object.keys(begun.params),
    ...(source?.config.head.keys.keys() ?? []),
  ]);
  if (![...guest.config.head.keys.keys()].every((key) => known.has(key))) return false;
  if (guest.config.head.raw.length > 0 && !source) return false;
  const made = source ? countVolumes(source.config.head.keys) : countAllocated(begun);
  return volumesSince(node, guest).length <= made;
}

/** Volumes that a husk's create or clone allocated and that its config does not name: killed in between. */
export function strayVolumes(node: Observation, guest: ObservedGuest): readonly string[] {
  const named = namedVolumes(guest);
  return volumesSince(node, guest).filter((volume) => !named.has(volume));
}

function volumesSince(node: Observation, { vmid, nodeRecord }: ObservedGuest): readonly string[] {
  const before = nodeRecord?.volumesBefore ?? [];
  return volumesOf(node.volumes, vmid).filter((volume) => !before.includes(volume));
}

function countVolumes(keys: ReadonlyMap<string, string>): number {
  const mounts = entriesOf(keys, 'mp').filter(([, text]) => !isBind(parseMount(text)));
  return mounts.length + 1;
}

function countAllocated({ params }: PveOperation): number {
  const mounts = Object.entries(params).filter(
    ([key, value]) => /^mp\d+$/.test(key) && typeof value === 'string' && !value.startsWith('/'),
  );
  return mounts.length + 1;
}

/** Keys that Proxmox writes into every new container, whatever it was told. */
const ALWAYS = ['arch', 'ostype', 'hostname', 'memory', 'swap', 'rootfs', 'lock', 'cmode', 'unprivileged'];
