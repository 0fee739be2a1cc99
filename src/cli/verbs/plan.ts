import { EXIT } from '../exit-code.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import { CHANGE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import type { Verb } from '../verb.ts';

/** `phoenix plan`: `converge --dry-run`, with an exit code that tells whether there is anything to do. */
export const plan: Verb = {
  name: 'plan',
  summary: 'show what converge would do, and do nothing',
  details:
    'Runs the same engine on a model of the node made from one observation, and prints per guest what would change, its effect, and the exact operations.',
  operands: [
    targetsOperand({ isRequired: false, summary: 'ids, names, all, lxc, vm, tag:NAME (default: all)' }),
  ],
  options: [
    { name: 'exit-code', summary: 'exit with 2 where there is something to change' },
    ...CHANGE_OPTIONS.filter(({ name }) => !['dry-run', 'yes'].includes(name)),
  ],
  makesGuests: true,
  examples: [
    ['phoenix plan', 'everything that the folder describes'],
    ['phoenix plan 101 --allow restart', 'with the restart that it would need'],
    ['phoenix plan --json --exit-code', 'for a program'],
  ],
  run: async (context) => {
    const { operands, options } = context;
    const dry = { ...options, has: (name: string) => name === 'dry-run' || options.has(name) };
    let hasChanges = false;
    const exitCode = await convergeTargets(
      { ...context, options: dry },
      operands.length === 0 ? ['all'] : operands,
      {
        andThen: async (_session, _folder, { targets }) => {
          hasChanges = targets.some(({ changes, operations }) => changes.length + operations.length > 0);
        },
      },
    );
    return exitCode === EXIT.done && hasChanges && options.has('exit-code') ? EXIT.changes : exitCode;
  },
};
