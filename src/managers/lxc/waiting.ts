import { effectiveKeys, pendingDeletes, pendingKeys } from '../../pve/effective.ts';
import { parseProperties } from '../../pve/property-string.ts';
import { waitingScalars } from './differences/scalars.ts';
import { recordOf } from '../guest/input.ts';
import type { PresentInput } from './input.ts';
import { joinRecords } from '../guest/keep-record.ts';
import { wantedRecord } from './record.ts';
import { waitingLines } from './raw-lines.ts';
import { normalizePath } from './wanted/mounts.ts';

/**
 * What of the folder's wishes waits for the next start of a running container, for people. What
 * someone else made wait there is theirs and asks for no restart.
 */
export function waitingChanges(input: PresentInput): readonly string[] {
  if (!input.guest.running) return [];
  if (!input.guest.config.pending) return waitingLines(input);
  return [...waitingScalars(input), ...waitingEntries(input), ...waitingLines(input)];
}

function waitingEntries(input: PresentInput): readonly string[] {
  const { guest, folder } = input;
  const { config } = guest;
  const ours = joinRecords(recordOf(guest, folder.folderId), wantedRecord(input));
  const deleted = pendingDeletes(config);
  const later = effectiveKeys(config);
  return [...pendingKeys(config)].flatMap((key) => {
    const text = (deleted.has(key) ? config.head.keys : later).get(key) ?? '';
    const entry = identify(key, text);
    if (!entry || !ours[entry.list].includes(entry.name)) return [];
    return [`${entry.what} ${entry.name}${deleted.has(key) ? ' goes' : ''}`];
  });
}

type Entry = {
  readonly list: 'mounts' | 'devices' | 'nics';
  readonly what: string;
  readonly name: string;
};

function identify(key: string, text: string): Entry | undefined {
  if (/^mp\d+$/.test(key)) {
    const path = normalizePath(parseProperties(text, 'volume').get('mp') ?? '');
    return { list: 'mounts', what: 'mount', name: path };
  }
  if (/^dev\d+$/.test(key)) {
    return { list: 'devices', what: 'device', name: parseProperties(text, 'path').get('path') ?? '' };
  }
  if (/^net\d+$/.test(key)) {
    return { list: 'nics', what: 'nic', name: parseProperties(text).get('name') ?? '' };
  }
  return undefined;
}
