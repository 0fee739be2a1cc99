import type { Diagnostic } from '../../model/diagnostic.ts';
import { difference, isAllowed, type Difference } from './difference.ts';
import { isDrive } from './drives.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { wordsOf } from './words.ts';

/**
 * Differences in the order that protection leaves possible. Proxmox refuses to set or remove a drive
 * of a protected guest, also in the call that takes the protection off: so that goes first, where
 * the folder says so or where a fresh clone only has its source's, and the drives wait for the next pass.
 */
export function inOrderOfProtection(
  input: PresentGuest,
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

/** Errors for drives that must change though the guest is protected and shall stay so. */
export function protectionDiagnostics(
  input: PresentGuest,
  differences: readonly Difference[],
): readonly Diagnostic[] {
  const { desired, guest } = input;
  if (!isProtected(input) || desired.protection === false || isFreshClone(input)) return [];
  const drives = differences.filter((one) => isRefused(one, input));
  if (drives.length === 0) return [];
  const { tool, noun } = wordsOf(guest.kind);
  return [
    {
      code: `${guest.kind}/protected`,
      severity: 'error',
      summary: `${noun} ${guest.vmid} is protected and its drives must change`,
      detail: `Proxmox refuses it while "protection" is on: ${drives.map(({ change }) => change.attribute).join(', ')}.`,
      remedy:
        desired.protection === true
          ? `Take it off for this once; the next run puts it on again:\n${tool} set ${guest.vmid} --protection 0`
          : `Set "protection": false, or take it off by hand:\n${tool} set ${guest.vmid} --protection 0`,
      position: desired.position,
      target: guest.vmid,
    },
  ];
}

function isProtected({ guest }: PresentGuest): boolean {
  return guest.config.head.keys.get('protection') === '1';
}

/** Proxmox copies the flag with the rest of the source's configuration. */
function isFreshClone({ guest, folder }: PresentGuest): boolean {
  return !guest.running && recordOf(guest, folder.folderId).renewHostKeys === true;
}

/** Would the call refuse it? What waits for the next start may be dropped (PVE::LXC::Config, PVE::API2::Qemu). */
function isRefused(one: Difference, input: PresentGuest): boolean {
  const { action } = one;
  if (!isDrive(input.guest.kind, action.key) || !isAllowed(one, input)) return false;
  // A VM's drive may be set, only not taken away.
  return action.kind === 'delete' || (action.kind === 'set' && input.guest.kind === 'lxc');
}
