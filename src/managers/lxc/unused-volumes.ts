import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Difference } from './differences/difference.ts';
import { entriesOf } from './differences/entries.ts';
import { parseMount } from './differences/mounts.ts';
import type { PresentInput } from './input.ts';

/**
 * Warns where a volume is about to be allocated while others of the container are detached: one of
 * them may hold what is expected at that path, and nothing in the config says which was where.
 */
export function unusedVolumeDiagnostics(
  { guest, desired }: PresentInput,
  differences: readonly Difference[],
): readonly Diagnostic[] {
  const { keys } = guest.config.head;
  const unused = entriesOf(keys, 'unused').map(([, volume]) => volume);
  if (unused.length === 0) return [];
  return differences.flatMap(({ change, action }) => {
    const isNew = action.kind === 'set' && (action.gates ?? []).some((gate) => gate.startsWith('storage:'));
    if (!isNew || typeof action.value !== 'string') return [];
    const path = parseMount(action.value).get('mp') ?? '';
    return [
      {
        code: 'lxc/unused-volume',
        severity: 'warning',
        summary: `${path} gets a new, empty volume, and ${guest.vmid} has one that nothing uses`,
        detail: `Detached from ${guest.vmid}: ${unused.join(', ')}.`,
        remedy: `If it is the one for ${path}, attach it before the run:\npct set ${guest.vmid} --${action.key} ${unused[0]},mp=${path}`,
        position: desired.position,
        target: change.target,
      },
    ];
  });
}
