import type { Needs, Scope } from '../model/node.ts';
import type { HostPart } from '../model/observed-host.ts';
import type { Observation, ObservedGuest } from '../model/observation.ts';
import type { Folder } from '../model/desired.ts';
import type { Manager } from '../model/step.ts';
import type { GuestId, Target } from '../model/target.ts';

type Needing = { readonly desired: unknown; readonly manager: Pick<Manager<never>, 'steps'> };

/** What the steps of all targets need to see, each thing once. */
export function needsOf(targets: readonly Needing[]): Needs {
  const paths = new Set<string>();
  const volumesOf = new Set<string>();
  const files = new Set<string>();
  const snippetsOf = new Set<GuestId>();
  const recordsOf = new Set<GuestId>();
  const host = new Set<HostPart>();
  for (const { manager, desired } of targets) {
    for (const step of manager.steps) {
      const needs = step.needs?.(desired as never);
      for (const path of needs?.paths ?? []) paths.add(path);
      for (const storage of needs?.volumesOf ?? []) volumesOf.add(storage);
      for (const file of needs?.files ?? []) files.add(file);
      for (const vmid of needs?.snippetsOf ?? []) snippetsOf.add(vmid);
      for (const vmid of needs?.recordsOf ?? []) recordsOf.add(vmid);
      for (const part of needs?.host ?? []) host.add(part);
    }
  }
  return {
    paths: [...paths],
    volumesOf: [...volumesOf],
    ...(files.size > 0 && { files: [...files] }),
    ...(snippetsOf.size > 0 && { snippetsOf: [...snippetsOf] }),
    ...(recordsOf.size > 0 && { recordsOf: [...recordsOf] }),
    ...(host.size > 0 && { host: [...host] }),
  };
}

/** The targets and the guests that they are cloned from or depend on. */
export function scopeOf(targets: readonly Target[], folder: Folder): readonly GuestId[] {
  const scope = new Set<GuestId>();
  for (const target of targets) {
    if (target === 'node') continue;
    scope.add(target);
    const guest = folder.guests.get(target);
    if (guest?.cloneFrom) scope.add(guest.cloneFrom.vmid);
    for (const dependency of guest?.dependencies ?? []) scope.add(dependency);
  }
  return [...scope];
}

/**
 * An earlier view of the node with a newer, narrower observation laid over it. What is true of the
 * whole node comes from the newer one, a guest outside its scope from the earlier one. Costs the size
 * of the scope and of earlier overlays, not the number of guests.
 */
export function overlay(earlier: Observation, newer: Observation, scope: Scope): Observation {
  if (scope === 'all') return newer;
  const { base, over } = layersOf(earlier.guests);
  const next = new Map(over);
  for (const vmid of scope) next.set(vmid, newer.guests.get(vmid));
  return { ...newer, guests: layered(base, next) };
}

type Guests = ReadonlyMap<GuestId, ObservedGuest>;
type Over = ReadonlyMap<GuestId, ObservedGuest | undefined>;

const LAYERS = new WeakMap<Guests, { readonly base: Guests; readonly over: Over }>();

function layersOf(guests: Guests): { readonly base: Guests; readonly over: Over } {
  return LAYERS.get(guests) ?? { base: guests, over: new Map() };
}

function layered(base: Guests, over: Over): Guests {
  function* entries(): MapIterator<[GuestId, ObservedGuest]> {
    for (const [vmid, guest] of base) if (!over.has(vmid)) yield [vmid, guest];
    for (const [vmid, guest] of over) if (guest) yield [vmid, guest];
    return undefined;
  }
  const guests: Guests = {
    get: (vmid) => (over.has(vmid) ? over.get(vmid) : base.get(vmid)),
    has: (vmid) => (over.has(vmid) ? over.get(vmid) !== undefined : base.has(vmid)),
    get size() {
      let size = base.size;
      for (const [vmid, guest] of over) size += Number(guest !== undefined) - Number(base.has(vmid));
      return size;
    },
    forEach: (visit) => {
      for (const [vmid, guest] of entries()) visit(guest, vmid, guests);
    },
    entries,
    *keys() {
      for (const [vmid] of entries()) yield vmid;
      return undefined;
    },
    *values() {
      for (const [, guest] of entries()) yield guest;
      return undefined;
    },
    [Symbol.iterator]: entries,
  };
  LAYERS.set(guests, { base, over });
  return guests;
}
