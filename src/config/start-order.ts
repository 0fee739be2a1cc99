import type { GuestId } from '../model/target.ts';

/** A guest as far as the order of starts goes. */
export type Starter = {
  readonly vmid: GuestId;
  readonly dependencies: readonly GuestId[];
  readonly startsAtBoot: boolean;
  /** `boot_order`; wins over what dependencies ask for. */
  readonly order?: number | undefined;
};

export type StartOrders = {
  /** Proxmox's `startup` order by guest, the explicit ones included. */
  readonly orders: ReadonlyMap<GuestId, number>;
  /** Guests whose explicit order makes them start before one that they need, directly or not. */
  readonly contradictions: readonly {
    readonly vmid: GuestId;
    readonly order: number;
    readonly needed: GuestId;
    readonly neededOrder: number;
  }[];
};

/**
 * Projects dependencies onto the order in which Proxmox starts guests with their node: lower numbers
 * first, guests without one last. Of guests that start at boot those get an order that need another
 * one, or that another one needs; what leads through guests that do not start counts too. Guests
 * that need each other in a circle get none.
 */
export function projectStartOrder(guests: ReadonlyMap<GuestId, Starter>): StartOrders {
  const sorted = dependenciesFirst(guests);
  const limits = limitsOf(sorted, guests);
  const orders = new Map<GuestId, number>();
  const contradictions: StartOrders['contradictions'][number][] = [];
  /** Of each guest, the latest one that it or those that it needs make dependants wait for. */
  const awaited = new Map<GuestId, Awaited>();
  for (const guest of sorted) {
    const { vmid } = guest;
    const latest = latestOf(guest.dependencies.flatMap((id) => awaited.get(id) ?? []));
    if (!guest.startsAtBoot) {
      if (latest) awaited.set(vmid, latest);
      continue;
    }
    const order = guest.order ?? (latest ? latest.order + 1 : firstOrder(limits.get(vmid)));
    if (order === undefined) continue;
    orders.set(vmid, order);
    if (latest && startsBefore({ vmid, order }, latest)) {
      contradictions.push({ vmid, order, needed: latest.vmid, neededOrder: latest.order });
    }
    awaited.set(vmid, latestOf([{ vmid, order }, ...(latest ? [latest] : [])]) ?? { vmid, order });
  }
  return { orders, contradictions };
}

type Awaited = { readonly vmid: GuestId; readonly order: number };

function latestOf(all: readonly Awaited[]): Awaited | undefined {
  return all.reduce<Awaited | undefined>(
    (latest, each) => (latest && !startsBefore(latest, each) ? latest : each),
    undefined,
  );
}

/** Of guests with the same order Proxmox starts the one with the lower id first. */
function startsBefore(one: Awaited, other: Awaited): boolean {
  return one.order < other.order || (one.order === other.order && one.vmid < other.vmid);
}

/** 1, or 0 where explicit orders of its dependants leave no other; none where nobody waits for it. */
function firstOrder(limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(0, Math.min(1, limit));
}

/** By guest, the highest order with which all that wait for it can come later; absent where none does. */
function limitsOf(
  sorted: readonly Starter[],
  guests: ReadonlyMap<GuestId, Starter>,
): ReadonlyMap<GuestId, number> {
  const limits = new Map<GuestId, number>();
  for (const guest of sorted.toReversed()) {
    const own = limits.get(guest.vmid);
    const limit = guest.startsAtBoot ? (guest.order ?? own ?? Number.POSITIVE_INFINITY) - 1 : own;
    if (limit === undefined) continue;
    for (const id of guest.dependencies) {
      if (guests.has(id)) limits.set(id, Math.min(limit, limits.get(id) ?? Number.POSITIVE_INFINITY));
    }
  }
  return limits;
}

/** The guests with those that they need before them; circles, and what needs them, are left out. */
function dependenciesFirst(guests: ReadonlyMap<GuestId, Starter>): readonly Starter[] {
  const open = new Map<GuestId, number>();
  const dependants = new Map<GuestId, Starter[]>();
  for (const guest of guests.values()) {
    const known = new Set(guest.dependencies.filter((id) => guests.has(id)));
    open.set(guest.vmid, known.size);
    for (const id of known) {
      const waiting = dependants.get(id);
      if (waiting) waiting.push(guest);
      else dependants.set(id, [guest]);
    }
  }
  const sorted = [...guests.values()].filter(({ vmid }) => open.get(vmid) === 0);
  // The list grows while it is walked.
  for (const { vmid } of sorted) {
    for (const dependant of dependants.get(vmid) ?? []) {
      const left = (open.get(dependant.vmid) ?? 0) - 1;
      open.set(dependant.vmid, left);
      if (left === 0) sorted.push(dependant);
    }
  }
  return sorted;
}
