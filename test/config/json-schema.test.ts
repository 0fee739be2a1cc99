import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../src/config/generated-files.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';

const root = resolve(import.meta.dirname, '../..');

test.each([...generatedFiles()])('%s is fresh', (path, text) => {
  expect(readFileSync(resolve(root, path), 'utf8')).toBe(text);
});

describe.each([
  ['lxc', 'test/config/fixture/phoenix_lxc_configs.json'],
  ['lxc', 'test/config/legacy/phoenix_lxc_configs.json'],
  ['lxc', 'examples/quickstart/phoenix_lxc_configs.json'],
  ['lxc', 'examples/golden/phoenix_lxc_configs.json'],
  ['vm', 'test/config/legacy/phoenix_vm_configs.json'],
  ['vm', 'examples/machines/phoenix_vm_configs.json'],
  ['hypervisor', 'examples/golden/phoenix_hypervisor_config.json'],
] as const)('the JSON Schema %s', (name, path) => {
  test(`takes ${path}`, () => {
    const value: unknown = parse(readFileSync(resolve(root, path), 'utf8'));
    expect(problems(jsonSchema(name) as Schema, value, '')).toEqual([]);
  });
});

test.each([
  ['memory_mb', '2048'],
  ['memory_mb', 1],
  ['unprivileged', 'yes'],
  ['network_config', { ip: '10.0.0.1' }],
  ['features', [1]],
  ['firewall', { rules: [{ type: 'in' }] }],
])('the JSON Schema of containers refuses %s: %j', (key, value) => {
  const guest = { name: 'web', [key]: value };
  expect(problems(jsonSchema('lxc') as Schema, { lxc_configs: { 101: guest } }, '')).not.toEqual([]);
});

test('every key has a description for the editor', () => {
  const bare: string[] = [];
  const walk = (schema: Schema, path: string): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (!child.description) bare.push(`${path}.${key}`);
      walk(child, `${path}.${key}`);
    }
    for (const inner of [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])]) {
      if (typeof inner === 'object') walk(inner, `${path}[]`);
    }
  };
  for (const name of ['lxc', 'vm', 'hypervisor', 'feature'] as const) walk(jsonSchema(name) as Schema, name);
  expect(bare).toEqual([]);
});

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxLength?: number;
  readonly description?: string;
};

/** What the words of JSON Schema that our schemas use say against a value. */
function problems(schema: Schema, value: unknown, path: string): string[] {
  if (schema.anyOf && !schema.anyOf.some((option) => problems(option, value, path).length === 0)) {
    return [`${path}: none of ${schema.anyOf.length}`];
  }
  if (schema.type !== undefined && !hasType(schema.type, value)) return [`${path}: not ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: not in ${schema.enum.join()}`];
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) return [`${path}: pattern`];
    return value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY) ? [`${path}: too long`] : [];
  }
  if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    return value < minimum || value > maximum ? [`${path}: range`] : [];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => problems(items, item, `${path}[${index}]`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  return [
    ...missing.map((key) => `${path}: lacks ${key}`),
    ...Object.entries(value).flatMap(([key, child]) => [
      ...(schema.propertyNames ? problems(schema.propertyNames, key, `${path}.${key} (name)`) : []),
      ...propertyProblems(schema, key, child, path),
    ]),
  ];
}

function propertyProblems(schema: Schema, key: string, child: unknown, path: string): string[] {
  const known = schema.properties?.[key];
  if (known) return problems(known, child, `${path}.${key}`);
  const rest = schema.additionalProperties;
  return typeof rest === 'object' ? problems(rest, child, `${path}.${key}`) : [];
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
