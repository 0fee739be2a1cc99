import type { PveOperation } from '../../model/operation.ts';
import type { Value } from '../../model/value.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Difference } from './difference.ts';
import { wordsOf } from './words.ts';

/**
 * The one `pct set` or `qm set` that closes these differences, with the digest of the config it was
 * decided on; undefined where there are none.
 */
export function setOperation(
  { vmid, kind }: Pick<ObservedGuest, 'vmid' | 'kind'>,
  differences: readonly Difference[],
): PveOperation | undefined {
  const [first] = differences;
  if (!first) return undefined;
  const values = new Map<string, Value>();
  const deleted: string[] = [];
  const reverted: string[] = [];
  const gates = new Set<string>();
  for (const { action } of differences) {
    if (action.kind === 'delete') deleted.push(action.key);
    else if (action.kind === 'revert') reverted.push(action.key);
    else {
      values.set(action.key, action.value);
      for (const gate of action.gates ?? []) gates.add(gate);
    }
  }
  return {
    op: 'pve',
    target: vmid,
    step: first.change.step,
    changes: differences.map(({ change }) => change.attribute),
    gates: [...gates],
    call: `${wordsOf(kind).tool} set`,
    vmid,
    params: {
      ...Object.fromEntries(values),
      ...(deleted.length > 0 && { delete: deleted.join(',') }),
      ...(reverted.length > 0 && { revert: reverted.join(',') }),
      digest: { fill: 'digest', of: String(vmid) },
    },
  };
}
