import { CHANGE_OPTIONS } from '../command-line/options.ts';
import { EXIT } from '../exit-code.ts';
import type { Verb } from '../verb.ts';

/** `phoenix import`: configuration for guests that run already. */
export const importVerb: Verb = {
  name: 'import',
  summary: 'write configuration for guests that the node has already',
  details:
    'Adds the guests to the folder as they are, behind what it holds, and says of each what no key can express. Nothing on the node changes; with --adopt they become guests of this folder, which marks them in their notes.',
  operands: [{ name: 'ids', summary: 'ids of guests that the folder does not have', isVariadic: true }],
  options: [
    { name: 'all', summary: 'every guest of the node that the folder does not have' },
    ...CHANGE_OPTIONS,
  ],
  examples: [
    ['phoenix import --all --config ./homelab', 'into a folder of its own'],
    ['phoenix import 105 --adopt', 'and take it over'],
    ['phoenix import 105 --dry-run', 'only show what would be written'],
  ],
  run: async (context) => {
    const { importGuests } = await import('../run/import-guests.ts');
    const ids = await importGuests(context);
    if (!context.options.has('adopt') || context.options.has('dry-run') || ids.length === 0) return EXIT.done;
    const { convergeTargets } = await import('../run/converge-targets.ts');
    return await convergeTargets(context, ids.map(String));
  },
};
