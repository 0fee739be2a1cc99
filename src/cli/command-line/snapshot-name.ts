import { usageStop } from '../stop.ts';
import type { OptionSpec } from '../verb.ts';
import { quote, type OptionValues } from './parse.ts';

/** `--name` of the verbs about snapshots. */
export const SNAPSHOT_NAME: OptionSpec = {
  name: 'name',
  value: 'snapshot',
  summary: 'name of the snapshot: letters, digits, "_" and "-", beginning with a letter',
};

/** The name as it was given; `fallback` where it was not, and a stop where that is missing too. */
export function snapshotName(options: OptionValues, fallback?: string): string {
  const name = options.text('name') ?? fallback;
  if (name === undefined)
    throw usageStop('cli/no-snapshot-name', 'Which snapshot?', 'Name it: --name before-upgrade');
  // As Proxmox takes it (pve-snapshot-name); `current` is what it calls the state of now.
  if (/^[A-Za-z][A-Za-z0-9_-]{1,39}$/.test(name) && name !== 'current') return name;
  throw usageStop(
    'cli/wrong-value',
    `Option --name does not take ${quote(name)}.`,
    `It takes the ${SNAPSHOT_NAME.summary}.`,
  );
}
