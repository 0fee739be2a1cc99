import { EXIT } from '../exit-code.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import { CHANGE_OPTIONS, RESEED, targetsOperand } from '../command-line/options.ts';
import { reseedOf } from '../run/reseed.ts';
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
    { name: 'out', value: 'file', summary: 'write the plan into a file, for phoenix apply' },
    RESEED,
    ...CHANGE_OPTIONS.filter(({ name }) => !['dry-run', 'yes'].includes(name)),
  ],
  makesGuests: true,
  examples: [
    ['phoenix plan', 'everything that the folder describes'],
    ['phoenix plan 101 --allow restart', 'with the restart that it would need'],
    ['phoenix plan web --out web.json', 'to be applied later: phoenix apply web.json'],
    ['phoenix plan --json --exit-code', 'for a program'],
  ],
  run: async (context) => {
    const { io, operands, options } = context;
    const dry = { ...options, has: (name: string) => name === 'dry-run' || options.has(name) };
    const words = operands.length === 0 ? ['all'] : operands;
    const file = options.text('out');
    const reseed = reseedOf(context);
    let hasChanges = false;
    const exitCode = await convergeTargets({ ...context, options: dry }, words, {
      ...(reseed !== undefined && { reseed }),
      andThen: async (_session, folder, result) => {
        hasChanges = result.targets.some(({ changes, operations }) => changes.length + operations.length > 0);
        if (file === undefined) return;
        const { writePlanFile } = await import('../run/plan-file.ts');
        const asked = {
          words,
          allow: options.list('allow'),
          adopt: options.has('adopt'),
          ...(reseed !== undefined && { reseed }),
          folder,
        };
        await writePlanFile(io, file, result, asked);
      },
    });
    return exitCode === EXIT.done && hasChanges && options.has('exit-code') ? EXIT.changes : exitCode;
  },
};
