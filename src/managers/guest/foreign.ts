import type { DesiredGuest } from '../../model/desired.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { NodeRecord } from '../../model/record.ts';
import { normalizeRule, parseFirewallFile, sectionLines } from '../../pve/firewall-file.ts';
import { recordOf, type PresentGuest } from './input.ts';
import type { ListName } from './keep-record.ts';

/** What stands in a guest, by list. */
export type Standing = Partial<Record<ListName, readonly string[]>>;

/**
 * Entries that stand in a guest and that neither the folder wants nor Phoenix put there: somebody
 * else's, named as changes name them.
 */
export function foreignAmong<Desired extends DesiredGuest>(
  { guest, folder }: PresentGuest<Desired>,
  standing: Standing,
  wanted: NodeRecord,
): readonly string[] {
  const record = recordOf(guest, folder.folderId);
  return (Object.keys(NAMES) as ListName[]).flatMap((list) => {
    const ours = new Set([...(record[list] ?? []), ...(wanted[list] ?? [])]);
    return (standing[list] ?? [])
      .filter((entry) => !ours.has(entry))
      .map((entry) => `${NAMES[list]} ${entry}`);
  });
}

/** The rules of a guest's firewall file, as records name them. */
export function standingRules({ firewall }: ObservedGuest): readonly string[] {
  return sectionLines(parseFirewallFile(firewall ?? ''), 'RULES')
    .filter((line) => /^\s*[^#\s]/.test(line))
    .map(normalizeRule);
}

const NAMES: Readonly<Record<ListName, string>> = {
  mounts: 'mount',
  devices: 'device',
  nics: 'nic',
  rawLines: 'line',
  disks: 'disk',
  pciDevices: 'pci device',
  firewallRules: 'firewall rule',
};
