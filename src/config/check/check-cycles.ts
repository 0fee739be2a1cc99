import type { GuestId } from '../../model/target.ts';
import type { FolderCheck } from './folder-check.ts';
import { type Reference, referencesOf } from './check-references.ts';

/** Guests must not need each other in a circle; each circle is reported once and printed whole. */
export function checkCycles({ guests, findings }: FolderCheck): void {
  const edges = new Map<GuestId, readonly Reference[]>();
  for (const guest of guests.values()) {
    const known = referencesOf(guest).filter(({ id }) => guests.has(id));
    edges.set(guest.vmid, known);
  }
  for (const cycle of cyclesOf(edges)) {
    const [first = 0, second = first] = cycle;
    const reference = edges.get(first)?.find(({ id }) => id === second);
    const named = cycle.length === 1;
    findings.add('cycle', {
      summary: named ? 'A guest needs itself' : 'Guests need each other in a circle',
      detail: `${[...cycle, first].join(' -> ')} (each needs the next, as a clone source or a dependency)`,
      ...(reference && { position: reference.at() }),
      target: first,
    });
  }
}

/** One circle for each reference that closes one, beginning at its lowest id. Depth-first without recursion. */
function cyclesOf(edges: ReadonlyMap<GuestId, readonly Reference[]>): readonly (readonly GuestId[])[] {
  const done = new Set<GuestId>();
  const cycles = new Map<string, readonly GuestId[]>();
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    const path: GuestId[] = [start];
    const depthOf = new Map<GuestId, number>([[start, 0]]);
    const next: number[] = [0];
    while (path.length > 0) {
      const here = path.at(-1) ?? start;
      const index = next.at(-1) ?? 0;
      const reference = edges.get(here)?.[index];
      if (!reference) {
        done.add(here);
        depthOf.delete(here);
        path.pop();
        next.pop();
        continue;
      }
      next[next.length - 1] = index + 1;
      const depth = depthOf.get(reference.id);
      if (depth !== undefined) {
        const cycle = fromLowest(path.slice(depth));
        cycles.set(cycle.join(' '), cycle);
      } else if (!done.has(reference.id)) {
        depthOf.set(reference.id, path.length);
        path.push(reference.id);
        next.push(0);
      }
    }
  }
  return [...cycles.values()];
}

function fromLowest(cycle: readonly GuestId[]): readonly GuestId[] {
  const at = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}
