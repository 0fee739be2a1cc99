import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { GuestId } from '../../model/target.ts';

/** Which guests a guest leans on. */
export type Edges = (guest: DesiredGuest) => readonly GuestId[];

/** What a guest can't be made without: its clone source and its dependencies. */
export const NEEDS: Edges = (guest) => [
  ...(guest.cloneFrom === undefined ? [] : [guest.cloneFrom.vmid]),
  ...guest.dependencies,
];

/** What must run for a guest to run. */
export const REQUIRES: Edges = (guest) => guest.dependencies;

/**
 * The guests and everything they lean on, through any number of guests, each once and after all that
 * it leans on. Ids that the folder does not have are left out; a cycle is cut where it closes.
 */
export function closure(folder: Folder, ids: Iterable<GuestId>, edges: Edges): readonly GuestId[] {
  const seen = new Set<GuestId>();
  const order: GuestId[] = [];
  const stack = [...ids].toReversed().map((id) => ({ id, isDone: false }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.isDone) {
      order.push(next.id);
      continue;
    }
    const guest = folder.guests.get(next.id);
    if (guest === undefined || seen.has(next.id)) continue;
    seen.add(next.id);
    stack.push({ id: next.id, isDone: true });
    for (const id of edges(guest).toReversed()) stack.push({ id, isDone: false });
  }
  return order;
}

/** The guests and everything that leans on them, each once and before all that it leans on. */
export function dependentsClosure(folder: Folder, ids: Iterable<GuestId>, edges: Edges): readonly GuestId[] {
  return closure(folder, ids, reversed(folder, edges));
}

/** Turns edges around: which guests lean on a guest. */
export function reversed(folder: Folder, edges: Edges): Edges {
  const dependents = new Map<GuestId, GuestId[]>();
  for (const guest of folder.guests.values()) {
    for (const id of edges(guest)) {
      const known = dependents.get(id);
      if (known === undefined) dependents.set(id, [guest.vmid]);
      else known.push(guest.vmid);
    }
  }
  return (guest) => dependents.get(guest.vmid) ?? [];
}

/** Who takes part in a job, and what each comes after. */
export type Members = {
  readonly ids: ReadonlySet<GuestId>;
  readonly edges: Edges;
  /** Members may turn out not to be needed; then what they come after is looked for behind them, too. */
  readonly mayBeLeftOut: boolean;
};

/**
 * The members that must end before `id` starts, the nearest first, found also through guests that are
 * no members themselves.
 */
export function membersBefore(
  folder: Folder,
  id: GuestId,
  { ids, edges, mayBeLeftOut }: Members,
): readonly GuestId[] {
  const seen = new Set<GuestId>([id]);
  for (const next of seen) {
    if (next !== id && ids.has(next) && !mayBeLeftOut) continue;
    const guest = folder.guests.get(next);
    if (guest !== undefined) for (const other of edges(guest)) seen.add(other);
  }
  return [...seen].filter((other) => other !== id && ids.has(other));
}
