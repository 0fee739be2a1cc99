import type { DiskFinding, ObservedDisk } from '../../model/observed-host.ts';
import { fieldsIn, linesIn } from './lines.ts';

/**
 * The machine's disks with everything that was found on them, from what `lsblk -P`, `wipefs` and the
 * links of /dev/disk/by-id told. A disk that nobody could look into has a finding that says so.
 */
export function observedDisks(host: ReadonlyMap<string, string>): readonly ObservedDisk[] {
  const devices = linesIn(host.get('lsblk') ?? '').map(pairsIn);
  const looked = fieldsIn(host.get('wipefs') ?? '');
  const links = fieldsIn(host.get('by-id') ?? '');
  const seen = new Set(
    looked.flatMap(([tag, name = '']) => (tag === 'read' || tag === 'unreadable' ? [name] : [])),
  );
  return devices
    .filter((device) => device.get('TYPE') === 'disk' && seen.has(device.get('NAME') ?? ''))
    .map((device) => {
      const name = device.get('NAME') ?? '';
      const model = (device.get('MODEL') ?? '').trim();
      const serial = (device.get('SERIAL') ?? '').trim();
      const family = familyOf(name, devices);
      return {
        name,
        sizeBytes: Number(device.get('SIZE')),
        ...(model !== '' && { model }),
        ...(serial !== '' && { serial }),
        isReadOnly: device.get('RO') === '1',
        ids: links.flatMap(([link = '', to = '']) => (to.split('/').at(-1) === name ? [link] : [])),
        findings: findingsOn(name, family, looked),
      };
    });
}

type Device = ReadonlyMap<string, string>;

/** `NAME="sda" LABEL="a\x22b"` as a map; lsblk writes what is unusual as `\xNN`. */
function pairsIn(line: string): Device {
  const pairs = [...line.matchAll(/([A-Z]+)="((?:[^"\\]|\\.)*)"/g)];
  return new Map(pairs.map(([, key = '', value = '']) => [key, decoded(value)]));
}

function decoded(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** A disk and everything that is made of it, from top to bottom. */
function familyOf(name: string, devices: readonly Device[]): readonly Device[] {
  const names = new Set([name]);
  for (const parent of names) {
    for (const device of devices) if (device.get('PKNAME') === parent) names.add(device.get('NAME') ?? '');
  }
  return devices.filter((device) => names.has(device.get('NAME') ?? ''));
}

function findingsOn(
  name: string,
  family: readonly Device[],
  looked: readonly (readonly string[])[],
): readonly DiskFinding[] {
  const findings: DiskFinding[] = [];
  const add = (finding: DiskFinding): void => {
    const isKnown = findings.some(
      ({ device, found, what }) =>
        device === finding.device && found === finding.found && what === finding.what,
    );
    if (!isKnown) findings.push(finding);
  };
  for (const device of family) {
    const own = device.get('NAME') ?? '';
    const label = device.get('LABEL') ?? '';
    const labelled = label === '' ? {} : { label };
    if (own !== name) {
      const isPartition = device.get('TYPE') === 'part';
      add({ device: own, found: isPartition ? 'partition' : 'holder', what: own });
    }
    const type = device.get('FSTYPE');
    const table = device.get('PTTYPE');
    // Of a partition lsblk tells the table that it stands in.
    if (table && device.get('TYPE') !== 'part') add({ device: own, found: 'signature', what: table });
    if (type)
      add({ device: own, found: type === 'zfs_member' ? 'pool' : 'signature', what: type, ...labelled });
    for (const path of (device.get('MOUNTPOINTS') ?? '').split('\n')) {
      if (path !== '') add({ device: own, found: path === '[SWAP]' ? 'swap' : 'mount', what: path });
    }
  }
  const names = new Set(family.map((device) => device.get('NAME')));
  for (const [tag, device = '', what = ''] of looked) {
    if (tag === 'unreadable' && names.has(device)) add({ device, found: 'unreadable', what: device });
    if (tag === 'holder' && names.has(device)) add({ device, found: 'holder', what });
    if (tag === 'found') {
      const [on = '', , type = '', label = ''] = device.split(',');
      if (!names.has(on)) continue;
      const labelled = label === '' ? {} : { label: decoded(label) };
      add({ device: on, found: type === 'zfs_member' ? 'pool' : 'signature', what: type, ...labelled });
    }
  }
  return findings;
}
