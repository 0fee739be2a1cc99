import type { DesiredPool } from '../../../model/desired-host.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { ObservedDisk, ObservedPool } from '../../../model/observed-host.ts';
import { joined, type HostInput, type Part } from '../part.ts';
import { finding } from '../operations.ts';
import { describeDisk, diskAt } from './blank.ts';
import { CREATE_POOL } from './create-pool.ts';
import { layoutOf, topologyOf } from './layout.ts';
import { zfs } from './operations.ts';
import { wipes } from './wipes.ts';

/**
 * What pools need, and the pools that are there afterwards. What is in one that is only now imported
 * nobody has seen yet.
 */
export type Pools = {
  readonly part: Part;
  readonly available: ReadonlySet<string>;
  readonly unseen: ReadonlySet<string>;
};

/**
 * Pools: one that is imported is left, one that is on its disks is imported, another is made of disks
 * that carry nothing at all, or that somebody named with `--wipe-disk`.
 */
export function pools(input: HostInput): Pools {
  const found = input.observed.node.host?.pools ?? [];
  const results = (input.desired.zfs?.pools ?? []).map((wanted) => {
    const there = found.find(({ name }) => name === wanted.name);
    return there ? existing(wanted, there, input) : missing(wanted, input, found);
  });
  const available = results.flatMap(({ isAvailable, name }) => (isAvailable ? [name] : []));
  return {
    part: joined(results.map(({ part }) => part)),
    available: new Set([...found.map(({ name }) => name), ...available]),
    unseen: new Set(results.flatMap(({ isUnseen, name }) => (isUnseen ? [name] : []))),
  };
}

type Result = {
  readonly name: string;
  readonly part: Part;
  readonly isAvailable: boolean;
  readonly isUnseen?: boolean;
};

function existing(wanted: DesiredPool, there: ObservedPool, input: HostInput): Result {
  const disks = input.observed.node.host?.disks ?? [];
  const found = layoutOf(there);
  const wantedDisks = new Set(wanted.disks.map((path) => diskAt(path, disks)?.name ?? path));
  const ownDisks = new Set(there.vdevs.flatMap((vdev) => vdev.disks).map((path) => memberOf(path, disks)));
  const isSame =
    found === wanted.layout &&
    wantedDisks.size === ownDisks.size &&
    [...wantedDisks].every((name) => ownDisks.has(name));
  const diagnostics: readonly Diagnostic[] = [
    ...(there.health === 'ONLINE' ? [] : [unhealthy(there)]),
    ...(isSame ? [] : [otherLayout(wanted, there, found)]),
  ];
  return { name: wanted.name, part: { diagnostics }, isAvailable: true };
}

/** The disk that a pool's member is on: members are partitions of the disks that ZFS was given. */
function memberOf(path: string, disks: readonly ObservedDisk[]): string {
  const disk = diskAt(path, disks) ?? diskAt(path.replace(/-part\d+$/, ''), disks);
  const own = disks.find(({ findings }) => findings.some(({ device }) => path === `/dev/${device}`));
  return (disk ?? own)?.name ?? path;
}

function missing(wanted: DesiredPool, input: HostInput, imported: readonly ObservedPool[]): Result {
  const { name } = wanted;
  const disks = input.observed.node.host?.disks ?? [];
  const attribute = `pool ${name}`;
  const unavailable = (diagnostic: Diagnostic): Result => ({
    name,
    part: { diagnostics: [diagnostic] },
    isAvailable: false,
  });
  const own = wanted.disks.map((path) => ({ path, disk: diskAt(path, disks) }));
  const absent = own.filter(({ disk }) => disk === undefined).map(({ path }) => path);
  if (absent.length > 0) return unavailable(noSuchDisk(name, absent, disks));
  const chosen = own.flatMap(({ path, disk }) => (disk ? [{ path, disk }] : []));
  const holders = disks.filter((disk) => carriesPool(disk, name));
  if (holders.length > 0) {
    const isOnOurs = holders.every((disk) => chosen.some((one) => one.disk.name === disk.name));
    if (!isOnOurs) return unavailable(elsewhere(name, holders));
    return {
      name,
      part: {
        changes: [zfs.change(attribute, 'on its disks, not imported', 'imported')],
        operations: [zfs.run([attribute], ['zpool', 'import', '-d', '/dev/disk/by-id', '--', name])],
      },
      isAvailable: false,
      isUnseen: true,
    };
  }
  const wiping = wipes(input, wanted, chosen, imported);
  const change = zfs.change(attribute, undefined, `${wanted.layout} of ${wanted.disks.join(', ')}`);
  // Its other changes are left: without its disks there is nothing to be made.
  if (!wiping.isClear) return { name, part: wiping.part, isAvailable: false };
  return {
    name,
    part: {
      changes: [...(wiping.part.changes ?? []), change],
      operations: [
        ...(wiping.part.operations ?? []),
        zfs.script(
          [attribute],
          { ...CREATE_POOL, args: [name, ...topologyOf(wanted)] },
          { title: `make the pool ${name} of ${wanted.disks.join(', ')}` },
        ),
      ],
      diagnostics: wiping.part.diagnostics ?? [],
      makes: { pools: [name] },
    },
    isAvailable: true,
  };
}

function carriesPool({ findings }: ObservedDisk, name: string): boolean {
  return findings.some(({ found, label }) => found === 'pool' && label === name);
}

function unhealthy({ name, health, status }: ObservedPool): Diagnostic {
  return finding('warning', 'pool-unhealthy', {
    summary: `The pool ${name} is ${health}`,
    ...(status !== undefined && { detail: status }),
    remedy: `Look at it:\n    zpool status -v ${name}`,
  });
}

function otherLayout({ name, layout, disks }: DesiredPool, there: ObservedPool, found: string): Diagnostic {
  return finding('warning', 'pool-differs', {
    summary: `The pool ${name} is made otherwise than the folder says; it stays as it is`,
    detail:
      `The folder: ${layout} of ${disks.join(', ')}. ` +
      `The host: ${found} of ${there.vdevs.flatMap((vdev) => vdev.disks).join(', ')}.`,
    remedy: 'Phoenix never makes a pool anew. Correct the folder, or change the pool by hand.',
  });
}

function noSuchDisk(pool: string, absent: readonly string[], disks: readonly ObservedDisk[]): Diagnostic {
  const known = disks.map((disk) =>
    describeDisk(disk.ids[0] ?? `/dev/${disk.name}`, { ...disk, findings: [] }),
  );
  return finding('error', 'no-such-disk', {
    summary: `The pool ${pool} names disks that the host does not have`,
    detail: [
      `Missing: ${absent.join(', ')}`,
      'Disks of this host:',
      ...known.map((line) => `  ${line}`),
    ].join('\n'),
    remedy: 'Name whole disks by their links below /dev/disk/by-id.',
  });
}

function elsewhere(name: string, holders: readonly ObservedDisk[]): Diagnostic {
  return finding('error', 'pool-elsewhere', {
    summary: `A pool named ${name} is on other disks than the folder names`,
    detail: holders.map((disk) => describeDisk(disk.ids[0] ?? `/dev/${disk.name}`, disk)).join('\n'),
    remedy: `Import it by hand if it is the one that is meant, and name its disks in the folder:\n    zpool import -d /dev/disk/by-id ${name}`,
  });
}
