import { jsonSchema, type SchemaName, SCHEMAS } from './json-schema.ts';
import { referencePage } from './reference-page.ts';

/** The files of the repository that follow from the schema, by path. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const names = Object.keys(SCHEMAS) as SchemaName[];
  return new Map([
    ...names.map(
      (name) =>
        [
          `schemas/${SCHEMAS[name].file}.schema.json`,
          `${JSON.stringify(jsonSchema(name), null, 2)}\n`,
        ] as const,
    ),
    ['docs/configuration.md', referencePage()],
  ]);
}
