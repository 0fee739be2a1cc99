import type { Part } from '../part.ts';
import { finding } from '../operations.ts';
import { drivers } from './operations.ts';

/** Something that is done, and in force only after a reboot. */
export type Reboot = {
  readonly attribute: string;
  readonly before: string | undefined;
  readonly after: string;
};

/** Phoenix never reboots a host: it says that it must be, and the next run goes on. */
export function rebootPart(reboots: readonly Reboot[]): Part {
  if (reboots.length === 0) return {};
  return {
    changes: reboots.map(({ attribute, before, after }) =>
      drivers.change(attribute, before, after, 'reboot'),
    ),
    diagnostics: [
      finding('warning', 'reboot-needed', {
        summary: 'The host must be rebooted before setup can go on',
        detail: reboots
          .map(({ attribute, before, after }) => `${attribute}: ${before ?? 'nothing'} -> ${after}`)
          .join('\n'),
        remedy:
          'Reboot it when its guests can bear it, then run the same command again: it goes on from here.',
      }),
    ],
  };
}
