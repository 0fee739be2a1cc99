import type { ParsedFile } from '../read-files.ts';
import type { AnySchema } from '../schema/key.ts';
import { checkShape } from './check-shape.ts';
import type { IdleKeys } from './read-value.ts';
import type { Findings } from '../diagnose.ts';
import * as v from 'valibot';

/** The keys of a file's root without its list of guests, which are checked one by one. */
export function readRoot(
  schema: AnySchema & { readonly entries: v.ObjectEntries },
  { source, root }: ParsedFile,
  listKey: string,
  context: { readonly findings: Findings; readonly idle: IdleKeys },
): Readonly<Record<string, unknown>> {
  const entries = new Map([...root.entries].filter(([key]) => key !== listKey));
  const rest = v.object({ ...schema.entries, [listKey]: v.optional(v.unknown()) });
  const shape = checkShape(rest, { ...root, entries }, { source, ...context });
  return shape.value ?? {};
}
