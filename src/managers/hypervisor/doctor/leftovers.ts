import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation } from '../../../model/observation.ts';
import { finding } from './finding.ts';

/** Locks of guests for which nothing runs, and operations of Phoenix's that never ended. */
export function leftoverFindings({ guests, openEntries, nodeName }: Observation): readonly Diagnostic[] {
  const locked = [...guests.values()].filter(
    ({ node, config, tasks }) => node === nodeName && config.head.keys.has('lock') && tasks.length === 0,
  );
  return [
    ...locked.map(({ vmid, kind, config }) =>
      finding('warning', 'lock-left', {
        summary: `Guest ${vmid} is locked (${config.head.keys.get('lock')}), and no task of it runs`,
        detail: 'A tool that was killed left the lock behind.',
        remedy: `If nothing works on it any more, for instance a backup from elsewhere:\n    ${kind === 'lxc' ? 'pct' : 'qm'} unlock ${vmid}`,
      }),
    ),
    ...(openEntries.length > 0
      ? [
          finding('notice', 'run-unfinished', {
            summary: 'A run of Phoenix was cut short',
            detail: [...new Set(openEntries.map(describe))].join('\n'),
            remedy: 'Run the same command again: it goes on from there.',
          }),
        ]
      : []),
  ];
}

function describe(entry: Observation['openEntries'][number]): string {
  return entry.entry === 'begin' ? `${entry.target}: ${entry.step}` : entry.run;
}
