import { byCode } from '../call/lists.ts';

/** Prints a value as Perl's JSON does, pretty and in order: three blanks a level, a blank around each colon. */
export function printJson(value: unknown, indent = ''): string {
  return `${print(value, indent)}\n`;
}

function print(value: unknown, indent: string): string {
  const inner = `${indent}   `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const entries = value.map((entry: unknown) => `${inner}${print(entry, inner)}`);
    return `[\n${entries.join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields: [string, unknown][] = Object.entries(value);
    if (fields.length === 0) return '{}';
    const lines = fields
      .toSorted(([a], [b]) => byCode(a, b))
      .map(([key, entry]) => `${inner}${JSON.stringify(key)} : ${print(entry, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return JSON.stringify(value ?? null);
}
