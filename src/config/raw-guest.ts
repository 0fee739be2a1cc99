import type { Position } from '../model/diagnostic.ts';
import type { GuestId, GuestKind } from '../model/target.ts';
import { positionAt, type Source } from './parse/source.ts';
import { locate, type LocatedEntry, type LocatedObject, type Path } from './parse/tree.ts';
import type { ContainerConfig } from './schema/container.ts';
import type { VmConfig } from './schema/vm.ts';

/** A guest whose shape was checked, before its quirks are resolved. Keys with a wrong value are left out. */
export type RawGuest<T = ContainerConfig | VmConfig> = {
  readonly vmid: GuestId;
  readonly kind: GuestKind;
  readonly config: T;
  readonly isSound: boolean;
  /** Where its definition begins. */
  readonly position: Position;
  /** The place of a value, or of the nearest thing around it. */
  readonly at: (...path: Path) => Position;
  /** The place of a key. */
  readonly keyAt: (...path: Path) => Position;
  /** Does the file set this key, be it to a wrong value? */
  readonly declares: (key: string) => boolean;
};

export type RawContainer = RawGuest<ContainerConfig> & { readonly kind: 'lxc' };
export type RawVm = RawGuest<VmConfig> & { readonly kind: 'vm' };

/** The places of one guest's values. `entry` is its key in the file, where it has one. */
export function placesOf(
  source: Source,
  node: LocatedObject,
  entry: LocatedEntry | undefined,
): Pick<RawGuest, 'position' | 'at' | 'keyAt' | 'declares'> {
  const position = entry
    ? positionAt(source, entry.keyStart, entry.keyEnd)
    : positionAt(source, node.start, node.start + 1);
  return {
    position,
    at: (...path) => {
      const found = locate(node, path).node;
      return found === node ? position : positionAt(source, found.start, found.end);
    },
    declares: (key) => node.entries.has(key),
    keyAt: (...path) => {
      const found = locate(node, path);
      if (found.node === node) return position;
      return found.entry
        ? positionAt(source, found.entry.keyStart, found.entry.keyEnd)
        : positionAt(source, found.node.start, found.node.end);
    },
  };
}
