import type { ConfigSection } from '../model/observation.ts';

/** One range of a container's id map: `size` ids from `containerId` on are the host's from `hostId` on. */
export type IdRange = {
  readonly type: 'uid' | 'gid';
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
};

/**
 * The id map that a container really has: its `lxc.idmap` lines; without any, the node's default
 * (65536 ids from 100000 on) for an unprivileged container and no map for a privileged one
 * (PVE::LXC parse_id_maps).
 */
export function effectiveIdMap(config: Pick<ConfigSection, 'keys' | 'raw'>): readonly IdRange[] {
  const own = config.raw
    .filter(([key]) => key === 'lxc.idmap' || key === 'lxc.id_map')
    .flatMap(([, value]) => readIdMapLine(value));
  if (own.length > 0) return own;
  return config.keys.get('unprivileged') === '1' ? DEFAULT_MAP : [];
}

/** The host's id for a container's; undefined where the map leaves it out, itself where there is no map. */
export function hostIdOf(map: readonly IdRange[], type: 'uid' | 'gid', id: number): number | undefined {
  if (map.length === 0) return id;
  const range = map.find(
    (one) => one.type === type && id >= one.containerId && id < one.containerId + one.size,
  );
  return range && range.hostId + (id - range.containerId);
}

/** The ranges of one `lxc.idmap` value: `u 0 100000 65536`; `b` stands for both kinds. */
function readIdMapLine(value: string): IdRange[] {
  const match = /^([ugb])\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(value.trim());
  if (!match) return [];
  const range = { containerId: Number(match[2]), hostId: Number(match[3]), size: Number(match[4]) };
  const types = match[1] === 'b' ? TYPES : [match[1] === 'u' ? ('uid' as const) : ('gid' as const)];
  return types.map((type) => ({ type, ...range }));
}

const TYPES = ['uid', 'gid'] as const;

const DEFAULT_MAP: readonly IdRange[] = TYPES.map((type) => ({
  type,
  containerId: 0,
  hostId: 100_000,
  size: 65_536,
}));
