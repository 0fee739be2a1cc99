import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { hypervisorFile } from './schema/hypervisor-file.ts';
import type { AnySchema, KeyFacts } from './schema/key.ts';
import { lxcFile } from './schema/lxc-file.ts';
import { manifest } from './schema/manifest.ts';
import { vmFile } from './schema/vm.ts';

export type SchemaName = 'hypervisor' | 'lxc' | 'vm' | 'feature';

export const SCHEMAS: Readonly<
  Record<SchemaName, { readonly file: string; readonly schema: () => AnySchema }>
> = {
  hypervisor: { file: 'phoenix_hypervisor_config', schema: hypervisorFile },
  lxc: { file: 'phoenix_lxc_configs', schema: () => lxcFile },
  vm: { file: 'phoenix_vm_configs', schema: vmFile },
  feature: { file: 'feature', schema: manifest },
};

/** The JSON Schema (draft 7) of one of the files, for editors. */
export function jsonSchema(name: SchemaName): JsonSchema {
  const { file, schema } = SCHEMAS[name];
  const converted = toJsonSchema(schema(), CONVERSION);
  return { ...converted, ...EDITOR_WORDS, title: `${file}.json` };
}

/** Visual Studio Code's own words; others pass over them. */
const EDITOR_WORDS = { allowComments: true, allowTrailingCommas: true };

const CONVERSION: ConversionConfig = {
  errorMode: 'ignore',
  overrideAction: ({ valibotAction, jsonSchema }) => {
    if (valibotAction.type === 'metadata') return withFacts(jsonSchema, valibotAction as MetadataAction);
    return undefined;
  },
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    if (valibotSchema.type !== 'record' || !('value' in valibotSchema)) return undefined;
    return keyIsGuest(valibotSchema.value as AnySchema)
      ? { ...jsonSchema, propertyNames: { pattern: '^[1-9][0-9]{2,8}$' } }
      : undefined;
  },
};

type MetadataAction = v.MetadataAction<unknown, KeyFacts>;

function withFacts(schema: JsonSchema, { metadata }: MetadataAction): JsonSchema {
  const { description, example, noEffect, isLater } = metadata;
  const note =
    noEffect === undefined
      ? isLater && 'Not acted on yet.'
      : `Has no effect: ${noEffect.replace(/\.$/, '')}.`;
  // The conversion copies all metadata into the schema, where only `description` and the like belong.
  const ownWords = Object.entries(schema).filter(([word]) => !Object.hasOwn(metadata, word));
  return {
    ...(Object.fromEntries(ownWords) as JsonSchema),
    ...((description ?? note) && { description: [description, note].filter(Boolean).join(' ') }),
    ...(example !== undefined && { examples: [example] as NonNullable<JsonSchema['examples']> }),
    ...(noEffect !== undefined && { deprecated: true }),
  };
}

function keyIsGuest(value: AnySchema): boolean {
  return 'entries' in value && Object.hasOwn(value.entries as object, 'clone_from_ctid');
}
