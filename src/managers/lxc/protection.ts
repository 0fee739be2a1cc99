import type { Diagnostic } from '../../model/diagnostic.ts';
import { difference, isAllowed, type Difference } from './differences/difference.ts';
import { mountDifferences } from './differences/mounts.ts';
import { recordOf, type PresentInput } from './input.ts';

/**
 * Differences in the order that protection leaves possible. Proxmox refuses to set or remove a drive
 * of a protected container, also in the call that takes the protection off: so that goes first, where
 * the folder says so or where a fresh clone only has its source's, and the drives wait for the next pass.
 */
export function inOrderOfProtection(
  input: PresentInput,
  differences: readonly Difference[],
): readonly Difference[] {
  if (!isProtected(input)) return differences;
  const drives = differences.filter((one) => isRefused(one, input));
  if (drives.length === 0) return differences;
  const others = differences.filter((one) => !drives.includes(one));
  if (input.desired.protection === false || !isFreshClone(input)) return others;
  const said = {
    attribute: 'protection copied from the source',
    before: '1',
    after: '0',
    effect: 'live',
  } as const;
  return [...others, difference(input, said, { kind: 'set', key: 'protection', value: '0' })];
}

/** Errors for drives that must change though the container is protected and shall stay so. */
export function protectionDiagnostics(input: PresentInput): readonly Diagnostic[] {
  const { desired, guest } = input;
  if (!isProtected(input) || desired.protection === false || isFreshClone(input)) return [];
  const drives = mountDifferences(input).filter((one) => isRefused(one, input));
  if (drives.length === 0) return [];
  return [
    {
      code: 'lxc/protected',
      severity: 'error',
      summary: `container ${guest.vmid} is protected and its drives must change`,
      detail: `Proxmox refuses it while "protection" is on: ${drives.map(({ change }) => change.attribute).join(', ')}.`,
      remedy:
        desired.protection === true
          ? `Take it off for this once; the next run puts it on again:\npct set ${guest.vmid} --protection 0`
          : `Set "protection": false, or take it off by hand:\npct set ${guest.vmid} --protection 0`,
      position: desired.position,
      target: guest.vmid,
    },
  ];
}

function isProtected({ guest }: PresentInput): boolean {
  return guest.config.head.keys.get('protection') === '1';
}

/** Proxmox copies the flag with the rest of the source's configuration. */
function isFreshClone({ guest, folder }: PresentInput): boolean {
  return !guest.running && recordOf(guest, folder.folderId).renewHostKeys === true;
}

/** Would `pct set` refuse it? What waits for the next start may be dropped (PVE::LXC::Config). */
function isRefused(one: Difference, input: PresentInput): boolean {
  const { action } = one;
  return action.kind !== 'revert' && /^(mp\d+|rootfs)$/.test(action.key) && isAllowed(one, input);
}
