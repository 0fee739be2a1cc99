import { effectiveKeys } from '../../../pve/effective.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import type { PresentVm } from '../input.ts';

/** Takes back what waits under a key for the next start: what the VM has now is what the folder wants. */
export function revertPending(input: PresentVm, key: string, attribute: string): Difference {
  const { config } = input.guest;
  const next = effectiveKeys(config).get(key);
  const said = {
    attribute: `pending ${attribute}`,
    before: next === undefined ? 'removed at the next start' : `${next} at the next start`,
    after: config.head.keys.get(key),
    effect: 'live' as const,
  };
  return difference(input, said, { kind: 'revert', key });
}
