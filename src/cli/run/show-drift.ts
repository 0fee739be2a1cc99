import { escapeControl } from '../../report/escape.ts';
import type { Drift, GuestDrift } from './find-drift.ts';

/** Drift as text, one block a guest that differs, then what the folder does not have. */
export function showDrift({ guests, others }: Drift): string {
  const different = guests.filter(({ state }) => state !== 'as described');
  const same = guests.length - different.length;
  const listed = others.map(({ vmid, name }) => escapeControl(`${vmid} ${name}`.trim()));
  return [
    ...different.map((guest) => `${blockOf(guest).join('\n')}\n`),
    ...(listed.length === 0 ? [] : [`Not in this folder: ${listed.join(', ')}\n`]),
    `${different.length} ${different.length === 1 ? 'differs' : 'differ'}, ${same} as described.\n`,
  ].join('\n');
}

function blockOf({ vmid, name, state, differences, foreign, problems }: GuestDrift): readonly string[] {
  const title = `${vmid} ${name}`;
  if (state === 'absent') return [escapeControl(`${title}: not on the node`)];
  if (state === 'not ours') return [escapeControl(`${title}: on the node, and not marked as this folder's`)];
  return [
    title,
    ...differences.map(
      ({ attribute, before, after }) =>
        `  ~ ${attribute}: ${before ?? 'nothing'} on the node, ${after ?? 'nothing'} in the folder`,
    ),
    ...foreign.map((entry) => `  ? ${entry}: only on the node, put there by somebody else`),
    ...problems.map((problem) => `  ! ${problem}`),
  ].map(escapeControl);
}
