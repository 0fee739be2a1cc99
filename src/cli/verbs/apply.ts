import { NODE_OPTIONS } from '../command-line/options.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import { readPlanFile } from '../run/plan-file.ts';
import type { Verb } from '../verb.ts';

/** `phoenix apply`: a plan that somebody looked at, exactly, or nothing. */
export const apply: Verb = {
  name: 'apply',
  summary: 'do exactly what a plan says that was made with plan --out',
  details:
    'Plans anew and compares. Where anything else would be done now, it says what changed since and does nothing; an operation that turns out to be another one while it runs stops its guest before it starts. An apply that was cut short is finished by the same command.',
  operands: [{ name: 'plan', summary: 'file that `phoenix plan --out` wrote', isRequired: true }],
  options: [{ name: 'plain', summary: 'append-only lines, also on a terminal' }, ...NODE_OPTIONS],
  makesGuests: true,
  examples: [['phoenix plan web --out web.json && phoenix apply web.json', 'look in between']],
  run: async (context) => {
    const { io, operands, options } = context;
    const plan = await readPlanFile(io, operands[0] ?? '');
    const asPlanned = {
      ...options,
      has: (name: string) => (name === 'adopt' ? plan.adopt : options.has(name)),
      list: (name: string) => (name === 'allow' ? plan.allow : options.list(name)),
    };
    return await convergeTargets({ ...context, options: asPlanned }, plan.words, {
      heldTo: plan,
      ...(plan.reseed !== undefined && { reseed: plan.reseed }),
    });
  },
};
