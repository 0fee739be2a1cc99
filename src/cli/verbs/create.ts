import { CHANGE_OPTIONS, RESEED, targetsOperand } from '../command-line/options.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix create`: the targets, and what they need that is missing. */
export const create: Verb = {
  name: 'create',
  summary: 'take guests from nothing to healthy',
  details:
    'Makes the targets as described, and first what they need that the node does not have yet: their clone source and their dependencies. Running it again changes nothing.',
  operands: [targetsOperand({ isRequired: true })],
  options: [RESEED, ...CHANGE_OPTIONS],
  makesGuests: true,
  examples: [
    ['phoenix create 101', 'one guest'],
    ['phoenix create web database --dry-run', 'what that would do'],
  ],
  run: async (context) => await convergeTargets(context, context.operands, { keepsWhatIsThere: true }),
};
