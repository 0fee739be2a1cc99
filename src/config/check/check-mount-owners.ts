import type { RawContainer } from '../raw-guest.ts';
import type { FolderCheck } from './folder-check.ts';

/** A directory of the node that several mounts give to different owners would change hands at every run. */
export function checkMountOwners(check: FolderCheck): void {
  const owners = new Map<string, Owner>();
  for (const guest of check.guests.values()) {
    if (guest.kind !== 'lxc') continue;
    const container = guest as RawContainer;
    for (const [index, mount] of (container.config.mount_points ?? []).entries()) {
      for (const key of ['owner_uid', 'owner_gid'] as const) {
        const id = mount[key];
        if (id === undefined) continue;
        const owner: Owner = { guest: container, map: mapOf(container, check), id };
        const path = normalize(mount.host_path);
        const known = owners.get(`${key} ${path}`);
        if (!known) owners.set(`${key} ${path}`, owner);
        else if (surelyDiffer(known, owner, key)) report(check, { known, owner, key, path, index });
      }
    }
  }
}

type Owner = { readonly guest: RawContainer; readonly map: IdMap; readonly id: number };

type Range = { readonly type: string; readonly from: number; readonly to: number; readonly size: number };

/** How a container's ids become the node's; `text` tells maps apart, also where `ranges` is not known. */
type IdMap = { readonly text: string; readonly ranges: readonly Range[] | undefined };

/** Unknown where the folder leaves it to what the container is: then only equal maps can be compared. */
function mapOf(container: RawContainer, check: FolderCheck): IdMap {
  const { id_maps: maps = [], lxc_options: options = [] } = container.config;
  const lines = options.filter((line) => line.startsWith('lxc.idmap'));
  const isUnprivileged = privilegeOf(container, check);
  const text = JSON.stringify([isUnprivileged ?? null, maps, lines]);
  if (lines.length > 0) return { text, ranges: undefined };
  if (maps.length > 0) {
    const ranges = maps.map(({ type, container_id: from, host_id: to, size }) => ({ type, from, to, size }));
    return { text, ranges };
  }
  if (isUnprivileged === undefined) return { text, ranges: undefined };
  return { text, ranges: isUnprivileged ? DEFAULT_RANGES : [] };
}

/** `unprivileged`, a clone's as its source has it. */
function privilegeOf(container: RawContainer, { guests }: FolderCheck): boolean | undefined {
  const seen = new Set<number>();
  let current: RawContainer | undefined = container;
  while (current && !seen.has(current.vmid)) {
    seen.add(current.vmid);
    const { unprivileged, clone_from_ctid: source } = current.config;
    if (unprivileged !== undefined || source === undefined) return unprivileged;
    const next = guests.get(Number(source));
    current = next?.kind === 'lxc' ? (next as RawContainer) : undefined;
  }
  return undefined;
}

function surelyDiffer(one: Owner, other: Owner, key: 'owner_uid' | 'owner_gid'): boolean {
  if (one.map.text === other.map.text) return one.id !== other.id;
  const [first, second] = [hostId(one, key), hostId(other, key)];
  return first !== undefined && second !== undefined && first !== second;
}

function hostId({ map, id }: Owner, key: 'owner_uid' | 'owner_gid'): number | undefined {
  if (!map.ranges) return undefined;
  if (map.ranges.length === 0) return id;
  const letter = key === 'owner_uid' ? 'u' : 'g';
  const range = map.ranges.find(
    ({ type, from, size }) => type.startsWith(letter) && id >= from && id < from + size,
  );
  return range && range.to + (id - range.from);
}

function report(
  { findings }: FolderCheck,
  found: {
    readonly known: Owner;
    readonly owner: Owner;
    readonly key: 'owner_uid' | 'owner_gid';
    readonly path: string;
    readonly index: number;
  },
): void {
  const { known, owner, key, path, index } = found;
  const [first, second] = [hostId(known, key), hostId(owner, key)];
  const asSeen = (id: number | undefined): string => (id === undefined ? '' : `, ${id} on the node`);
  findings.add('contradicting-owner', {
    summary: 'Two mounts give the same directory to different owners',
    detail:
      `${known.guest.vmid} gives ${path} to ${known.id}${asSeen(first)}; ` +
      `${owner.guest.vmid} to ${owner.id}${asSeen(second)}.`,
    position: owner.guest.at('mount_points', index, key),
    target: owner.guest.vmid,
  });
}

function normalize(path: string): string {
  const single = path.replaceAll(/\/{2,}/g, '/');
  return single.length > 1 ? single.replace(/\/$/, '') : single;
}

const DEFAULT_RANGES: readonly Range[] = ['u', 'g'].map((type) => ({
  type,
  from: 0,
  to: 100_000,
  size: 65_536,
}));
