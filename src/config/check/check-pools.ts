import type { HypervisorConfig } from '../schema/hypervisor-file.ts';
import type { Code } from '../codes.ts';
import type { Finding } from '../diagnose.ts';
import type { Path } from '../parse/tree.ts';

type Add = (code: Code, path: Path, finding: Finding, isKey?: boolean) => void;
type Pool = NonNullable<NonNullable<HypervisorConfig['zfs']>['pools']>[number];

/** Pools whose disks do not fit how they are joined, or that want the same disk; datasets that stand twice. */
export function checkPools({ zfs }: HypervisorConfig, add: Add): void {
  const seen = new Map<string, string>();
  const names = new Set<string>();
  for (const [index, pool] of (zfs?.pools ?? []).entries()) {
    const path = ['zfs', 'pools', index];
    checkLayout(pool, path, add);
    if (names.has(pool.name)) {
      add('duplicate-pool', [...path, 'name'], { summary: 'A pool is described twice', detail: pool.name });
    }
    names.add(pool.name);
    for (const [place, disk] of pool.disks.entries()) {
      const owner = seen.get(disk);
      if (owner !== undefined) {
        add('shared-disk', [...path, 'disks', place], {
          summary: 'A disk is named twice',
          detail: `${disk} is a disk of ${owner} already.`,
        });
      }
      seen.set(disk, pool.name);
      if (/^\/dev\/(?:sd|vd|hd|nvme|xvd)/.test(disk)) {
        add('unstable-disk', [...path, 'disks', place], {
          summary: 'A disk is named by a name that changes from boot to boot',
          detail: `${disk} may be another disk tomorrow.`,
        });
      }
    }
  }
  const datasets = new Set<string>();
  for (const [index, { pool, name }] of (zfs?.datasets ?? []).entries()) {
    if (datasets.has(`${pool}/${name}`)) {
      add('duplicate-dataset', ['zfs', 'datasets', index, 'name'], {
        summary: 'A dataset is described twice',
        detail: `${pool}/${name}`,
      });
    }
    datasets.add(`${pool}/${name}`);
  }
}

function checkLayout({ raid_level, disks }: Pool, path: Path, add: Add): void {
  const level = raid_level.toLowerCase();
  const [least, most] = COUNTS.get(level) ?? [1, Infinity];
  const isOdd = (level === 'raid10' || level === '10') && disks.length % 2 !== 0;
  if (disks.length >= least && disks.length <= most && !isOdd) return;
  const wanted = isOdd
    ? 'an even number of disks'
    : most === least
      ? `${least} disk`
      : `at least ${least} disks`;
  add('pool-layout', [...path, 'disks'], {
    summary: 'A pool has not the number of disks that its layout needs',
    detail: `${raid_level} needs ${wanted}, ${disks.length} ${disks.length === 1 ? 'is' : 'are'} named.`,
    ...(level === 'single' && {
      remedy: 'Say "stripe" if the loss of one disk may cost the data on all of them.',
    }),
  });
}

/** How many disks a layout needs and takes. */
const COUNTS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['single', [1, 1]],
  ['stripe', [1, Infinity]],
  ['raid0', [1, Infinity]],
  ['mirror', [2, Infinity]],
  ['raid1', [2, Infinity]],
  ['raidz', [2, Infinity]],
  ['raidz1', [2, Infinity]],
  ['raidz2', [3, Infinity]],
  ['raidz3', [4, Infinity]],
  ['raid10', [4, Infinity]],
]);
