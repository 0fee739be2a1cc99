import type { DiskFinding, ObservedDisk } from '../../../model/observed-host.ts';

/** The disk at a path below /dev; undefined where no whole disk of the machine is there. */
export function diskAt(path: string, disks: readonly ObservedDisk[]): ObservedDisk | undefined {
  return disks.find(({ name, ids }) => path === `/dev/${name}` || ids.includes(path));
}

/** What keeps a disk from being wiped, whatever anybody consented to: something uses it, or nobody can look into it. */
export function usesOf({ findings }: ObservedDisk): readonly DiskFinding[] {
  return findings.filter(({ found }) => ['mount', 'swap', 'holder', 'unreadable'].includes(found));
}

/** A disk for people: what it is and everything that was found on it. */
export function describeDisk(path: string, disk: ObservedDisk): string {
  const { model = 'unknown model', serial = 'none', sizeBytes, findings } = disk;
  const size =
    sizeBytes >= 1e12 ? `${(sizeBytes / 1e12).toFixed(1)} TB` : `${Math.round(sizeBytes / 1e9)} GB`;
  return [
    `${path}: ${model}, serial ${serial}, ${size} (/dev/${disk.name})`,
    ...findings.map((one) => `    ${describeFinding(one)}`),
  ].join('\n');
}

/** The signatures, partitions and pools on a disk in one order: what the wipe must find unchanged. */
export function fingerprintOf({ findings }: ObservedDisk): string {
  return findings
    .map(({ device, found, what }) => `${device} ${found} ${what}`)
    .toSorted()
    .join(', ');
}

function describeFinding({ device, found, what, label }: DiskFinding): string {
  const called = label === undefined ? '' : ` "${label}"`;
  switch (found) {
    case 'signature':
      return `${what}${called} on /dev/${device}`;
    case 'partition':
      return `partition /dev/${device}`;
    case 'mount':
      return `/dev/${device} is mounted at ${what}`;
    case 'swap':
      return `/dev/${device} is swap in use`;
    case 'holder':
      return `in use by ${what}`;
    case 'pool':
      return `member of a ZFS pool${called}, on /dev/${device}`;
    case 'unreadable':
      return `/dev/${device} cannot be read, so nobody knows what is on it`;
  }
}
