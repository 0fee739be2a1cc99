import type { Context } from '../context.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import { CHANGE_OPTIONS, RESEED, targetsOperand } from '../command-line/options.ts';
import type { Verb } from '../verb.ts';

/** `phoenix converge`: the targets and everything they lean on become as described. */
export const converge: Verb = {
  name: 'converge',
  summary: 'make guests, and all that they need, as described',
  details:
    'Works on the whole closure: clone sources and dependencies first. Running it again changes nothing. What would restart a guest or cost data is left unless --allow names it.',
  operands: [targetsOperand({ isRequired: true })],
  options: [RESEED, ...CHANGE_OPTIONS],
  makesGuests: true,
  examples: [
    ['phoenix converge all', 'everything that the folder describes'],
    ['phoenix converge web --allow restart', 'one guest; restart it if that is needed'],
  ],
  run: async (context: Context) => await convergeTargets(context, context.operands),
};
