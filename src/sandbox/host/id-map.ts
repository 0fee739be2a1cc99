import type { Launch } from '../../twin/host.ts';

/** One range of a container's ids: `size` ids from `container` on are the host's from `host` on. */
export type IdRange = {
  readonly type: 'u' | 'g';
  readonly container: number;
  readonly host: number;
  readonly size: number;
};

/** The map that a container really has: its raw `lxc.idmap` lines, else Proxmox's default if unprivileged. */
export function effectiveIdMap(launch: Pick<Launch, 'unprivileged' | 'raw'>): IdRange[] {
  if (!launch.unprivileged) return [];
  const own: IdRange[] = [];
  for (const [key, value] of launch.raw) {
    const match = /^([ug]|b)\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(value.trim());
    if ((key !== 'lxc.idmap' && key !== 'lxc.id_map') || match === null) continue;
    const range = { container: Number(match[2]), host: Number(match[3]), size: Number(match[4]) };
    if (match[1] !== 'g') own.push({ type: 'u', ...range });
    if (match[1] !== 'u') own.push({ type: 'g', ...range });
  }
  return own.length > 0 ? own : DEFAULT;
}

/** The host's id for one of a container's; an id without a range becomes the container root's. */
export function hostId(map: readonly IdRange[], type: 'u' | 'g', id: number): number {
  if (map.length === 0) return id;
  const range = map.find((one) => one.type === type && id >= one.container && id < one.container + one.size);
  if (range !== undefined) return range.host + id - range.container;
  return id === 0 ? 0 : hostId(map, type, 0);
}

/** Words before a command that run it as root of a container's ids. */
export function asContainerRoot(map: readonly IdRange[]): string[] {
  if (map.length === 0) return [];
  const ranges = map.flatMap(({ type, container, host, size }) => [
    '-m',
    `${type}:${container}:${host}:${size}`,
  ]);
  return ['lxc-usernsexec', ...ranges, '--'];
}

const DEFAULT: IdRange[] = [
  { type: 'u', container: 0, host: 100_000, size: 65_536 },
  { type: 'g', container: 0, host: 100_000, size: 65_536 },
];
