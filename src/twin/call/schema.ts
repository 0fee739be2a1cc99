import { complainOfCpu } from './cpu-types.ts';
import { checkFormat } from './formats.ts';
import { FormatError } from './errors.ts';
import { readBoolean } from './lists.ts';
import { FORMATS, type Parameter, type PropertyFormat } from './parameters.ts';

/** A value of a command's parameter after its option was read. */
export type ParameterValue = string | readonly string[];

/** Collects complaints about parameters against their definitions, by parameter name. */
export function checkParameters(
  values: ReadonlyMap<string, ParameterValue>,
  find: (name: string) => Parameter | undefined,
  required: readonly string[],
): Map<string, string> {
  const errors = new Map<string, string>();
  for (const name of required) {
    if (!values.has(name)) errors.set(name, MISSING);
  }
  for (const [name, value] of values) {
    const parameter = find(name);
    if (parameter === undefined) {
      errors.set(name, UNDEFINED);
      continue;
    }
    if (typeof value === 'string') checkValue(name, parameter, value, errors);
    if (parameter.requires !== undefined && !values.has(parameter.requires)) {
      errors.set(parameter.requires, `missing property - '${name}' requires this property`);
    }
  }
  return errors;
}

/** Checks one value; complaints land in `errors` under `path`. */
export function checkValue(
  path: string,
  parameter: Parameter,
  value: string,
  errors: Map<string, string>,
): void {
  const complaint =
    checkType(parameter, value) ??
    checkShape(path, parameter, value) ??
    checkLength(parameter, value) ??
    checkRange(parameter, value) ??
    checkEnum(parameter, value);
  if (complaint !== undefined) errors.set(path, complaint);
}

/**
 * Reads a property string against its format, as `PVE::JSONSchema::parse_property_string` does.
 * Throws a `FormatError` that names sub-keys below `path`.
 */
export function parseFields(format: PropertyFormat, text: string, path = ''): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    if (/^\s*$/.test(part)) continue;
    const pair = /^([^=]+)=(.+)$/s.exec(part);
    if (pair?.[1] !== undefined && pair[2] !== undefined) readPair(format, fields, pair[1], pair[2]);
    else if (part.includes('='))
      throw new FormatError('missing key in comma-separated list property', new Map());
    else readDefault(format, fields, part);
  }
  const errors = new Map<string, string>();
  const pathOf = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const key of Object.keys(format)) {
    const parameter = format[key];
    const value = fields.get(key);
    if (parameter === undefined) continue;
    if (value !== undefined) {
      checkValue(pathOf(key), parameter, value, errors);
      const { requires } = parameter;
      if (requires !== undefined && !fields.has(requires)) {
        errors.set(pathOf(requires), `missing property - '${pathOf(key)}' requires this property`);
      }
    } else if (parameter.required === true && parameter.alias === undefined) errors.set(pathOf(key), MISSING);
  }
  for (const key of fields.keys()) {
    if (!(key in format)) errors.set(pathOf(key), UNDEFINED);
  }
  if (errors.size > 0) throw new FormatError('format error', errors);
  return fields;
}

/** Prints fields in Proxmox's order: the default key without its name, required keys, the rest by name. */
export function printFields(format: PropertyFormat, fields: ReadonlyMap<string, string>): string {
  const rank = (key: string): number => {
    const parameter = format[key];
    if (parameter?.default_key === 1) return 0;
    return parameter?.required === true ? 1 : 2;
  };
  return [...fields.keys()]
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((key) => (rank(key) === 0 ? fields.get(key) : `${key}=${fields.get(key)}`))
    .join(',');
}

const MISSING = 'property is missing and it is not optional';
const UNDEFINED = 'property is not defined in schema and the schema does not allow additional properties';

function readPair(format: PropertyFormat, fields: Map<string, string>, name: string, raw: string): void {
  if (fields.has(name)) {
    throw new FormatError(`duplicate key in comma-separated list property: ${name}`, new Map());
  }
  const alias = format[name]?.alias;
  const keyAlias = format[name]?.keyAlias;
  if (keyAlias !== undefined) fields.set(keyAlias, name);
  const key = alias ?? name;
  const isBoolean = format[key]?.type === 'boolean';
  const parsed = isBoolean ? readBoolean(raw) : undefined;
  fields.set(key, parsed === undefined ? raw : parsed ? '1' : '0');
}

function readDefault(format: PropertyFormat, fields: Map<string, string>, part: string): void {
  const key = Object.keys(format).find((name) => format[name]?.default_key === 1);
  if (key === undefined) {
    throw new FormatError('value without key, but schema does not define a default key', new Map());
  }
  if (fields.has(key)) {
    throw new FormatError(`duplicate key in comma-separated list property: ${key}`, new Map());
  }
  fields.set(key, part);
}

function checkType(parameter: Parameter, value: string): string | undefined {
  const isRight =
    parameter.type === 'integer'
      ? /^[+-]?\d+$/.test(value)
      : parameter.type === 'number'
        ? isNumber(value)
        : parameter.type === 'boolean'
          ? value === '0' || value === '1'
          : true;
  return isRight ? undefined : `type check ('${parameter.type}') failed - got '${value}'`;
}

function checkShape(path: string, parameter: Parameter, value: string): string | undefined {
  const { format, pattern } = parameter;
  if (typeof format === 'string') {
    const complaint = checkFormat(format, value);
    if (complaint !== undefined) return `invalid format - ${complaint}\n`;
  } else if (format !== undefined) {
    try {
      parseFields(FORMATS[format.properties] ?? {}, value, path);
    } catch (error) {
      if (error instanceof FormatError) return `invalid format - ${error.message}\n`;
      throw error;
    }
    const complaint = parameter.verify === undefined ? undefined : complainOfCpu(value);
    if (complaint !== undefined) return `invalid format - ${complaint}\n`;
  }
  if (pattern !== undefined && !new RegExp(`^${pattern}$`).test(value)) {
    return 'value does not match the regex pattern';
  }
  return undefined;
}

function checkLength(parameter: Parameter, value: string): string | undefined {
  if (parameter.maxLength === undefined && parameter.minLength === undefined) return undefined;
  const length = [...value].length;
  if (parameter.maxLength !== undefined && length > parameter.maxLength) {
    return `value may only be ${parameter.maxLength} characters long`;
  }
  if (parameter.minLength !== undefined && length < parameter.minLength) {
    return `value must be at least ${parameter.minLength} characters long`;
  }
  return undefined;
}

function checkRange(parameter: Parameter, value: string): string | undefined {
  if (parameter.maximum === undefined && parameter.minimum === undefined) return undefined;
  if (!isNumber(value)) return undefined;
  if (parameter.maximum !== undefined && Number(value) > parameter.maximum) {
    return `value must have a maximum value of ${parameter.maximum}`;
  }
  if (parameter.minimum !== undefined && Number(value) < parameter.minimum) {
    return `value must have a minimum value of ${parameter.minimum}`;
  }
  return undefined;
}

function checkEnum(parameter: Parameter, value: string): string | undefined {
  if (parameter.enum === undefined || parameter.enum.includes(value)) return undefined;
  return `value '${value}' does not have a value in the enumeration '${parameter.enum.join(', ')}'`;
}

function isNumber(value: string): boolean {
  return /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/.test(value);
}
