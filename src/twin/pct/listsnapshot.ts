import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { loadConfig, type Section } from '../container/config.ts';

type Entry = { name: string; parent: string | undefined; time: number | undefined; description: string };

/** `pct listsnapshot`: the snapshots as a tree, oldest first, the current state last. */
export const listsnapshot: Command = {
  run: async (session, parameters) => {
    const { head, snapshots } = await loadConfig(session, parameters.vmid);
    printSnapshots(session, head, snapshots);
  },
};

/** Prints a guest's snapshots as a tree, the current state in it. */
export function printSnapshots(
  session: Session,
  head: Section,
  snapshots: ReadonlyMap<string, Section>,
): void {
  const entries: Entry[] = [...snapshots.keys()].toSorted(byCode).map((name) => {
    const keys = snapshots.get(name)?.keys;
    return {
      name,
      parent: keys?.get('parent'),
      time: Number(keys?.get('snaptime') ?? 0),
      description: keys?.get('description') ?? '',
    };
  });
  entries.push({
    name: 'current',
    parent: head.keys.get('parent'),
    time: undefined,
    description: 'You are here!',
  });
  const names = new Set(entries.map((entry) => entry.name));
  const childrenOf = (parent: string | undefined): Entry[] =>
    entries
      .filter(
        (entry) =>
          (entry.parent !== undefined && names.has(entry.parent) ? entry.parent : undefined) === parent,
      )
      .toSorted((a, b) => (a.time ?? Infinity) - (b.time ?? Infinity));
  const show = (prefix: string, entry: Entry): void => {
    session.print(`${describe(prefix, entry)}\n`);
    for (const child of childrenOf(entry.name)) show(` ${prefix}`, child);
  };
  for (const root of childrenOf(undefined)) show('`->', root);
}

function describe(prefix: string, entry: Entry): string {
  const name = entry.name.padEnd(Math.max(0, 30 - prefix.length));
  const time =
    entry.time === undefined ? '' : new Date(entry.time * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const description = (entry.description || 'no-description').split('\n')[0] ?? '';
  return `${prefix} ${name} ${time.padEnd(23)} ${description}`;
}
