import { EXIT } from '../exit-code.ts';
import { COMMON_OPTIONS } from '../command-line/options.ts';
import { usageStop } from '../stop.ts';
import type { Verb } from '../verb.ts';

const SCHEMAS = ['hypervisor', 'lxc', 'vm', 'feature'] as const;

/** `phoenix schema`: the JSON Schema of a configuration file, for editors and other programs. */
export const schema: Verb = {
  name: 'schema',
  summary: 'print the JSON Schema of a configuration file',
  operands: [
    { name: 'file', summary: `${SCHEMAS.join(', ')} (default: all of them by name)`, completes: SCHEMAS },
  ],
  options: COMMON_OPTIONS,
  examples: [
    ['phoenix schema lxc', 'the schema of phoenix_lxc_configs.json'],
    ['phoenix schema lxc > lxc.schema.json', 'for "$schema" in a file'],
  ],
  run: async ({ io, operands: [name] }) => {
    const known = SCHEMAS.find((schemaName) => schemaName === name);
    if (name !== undefined && known === undefined)
      throw usageStop(
        'cli/unknown-schema',
        'There is no schema of this name.',
        `It takes: ${SCHEMAS.join(', ')}.`,
      );
    const { jsonSchema } = await import('../../config/json-schema.ts');
    const document =
      known === undefined
        ? Object.fromEntries(SCHEMAS.map((schemaName) => [schemaName, jsonSchema(schemaName)]))
        : jsonSchema(known);
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return EXIT.done;
  },
};
