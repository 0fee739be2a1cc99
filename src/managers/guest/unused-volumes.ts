import type { Diagnostic } from '../../model/diagnostic.ts';
import { parseProperties } from '../../pve/property-string.ts';
import type { Difference } from './difference.ts';
import { entriesOf } from './entries.ts';
import type { PresentGuest } from './input.ts';
import { wordsOf } from './words.ts';

/**
 * Warns where a volume is about to be allocated while others of the guest are detached: one of
 * them may hold what is expected there, and nothing in the config says which was where.
 */
export function unusedVolumeDiagnostics(
  { guest, desired }: PresentGuest,
  differences: readonly Difference[],
): readonly Diagnostic[] {
  const { keys } = guest.config.head;
  const { tool } = wordsOf(guest.kind);
  const unused = entriesOf(keys, 'unused').map(([, volume]) => volume);
  if (unused.length === 0) return [];
  return differences.flatMap(({ change, action }) => {
    const isNew = action.kind === 'set' && (action.gates ?? []).some((gate) => gate.startsWith('storage:'));
    if (!isNew || typeof action.value !== 'string') return [];
    const path = parseProperties(action.value, 'volume').get('mp');
    const place = path ?? action.key;
    return [
      {
        code: `${guest.kind}/unused-volume`,
        severity: 'warning',
        summary: `${place} gets a new, empty volume, and ${guest.vmid} has one that nothing uses`,
        detail: `Detached from ${guest.vmid}: ${unused.join(', ')}.`,
        remedy: `If it is the one for ${place}, attach it before the run:\n${tool} set ${guest.vmid} --${action.key} ${unused[0]}${path === undefined ? '' : `,mp=${path}`}`,
        position: desired.position,
        target: change.target,
      },
    ];
  });
}
