import { parseProperties } from '../../pve/property-string.ts';
import { entriesOf } from '../guest/entries.ts';
import { foreignAmong, standingRules } from '../guest/foreign.ts';
import { parseMount } from './differences/mounts.ts';
import type { PresentInput } from './input.ts';
import { printLine } from './raw-lines.ts';
import { wantedRecord } from './record.ts';
import { normalizePath } from './wanted/mounts.ts';

/** What somebody else put into a container of ours. */
export function foreignInContainer(input: PresentInput): readonly string[] {
  const { keys, raw } = input.guest.config.head;
  const standing = {
    mounts: entriesOf(keys, 'mp').map(([, text]) => normalizePath(parseMount(text).get('mp') ?? '')),
    devices: entriesOf(keys, 'dev').map(([, text]) => parseProperties(text, 'path').get('path') ?? ''),
    nics: entriesOf(keys, 'net').map(([key, text]) => parseProperties(text).get('name') ?? key),
    rawLines: raw.map(printLine),
    firewallRules: standingRules(input.guest),
  };
  return foreignAmong(input, standing, wantedRecord(input));
}
