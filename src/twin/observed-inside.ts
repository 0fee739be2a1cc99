import { RECORD_PATH, UNREADABLE_RECORD, UNSEEN } from './unseen.ts';
import type { VolumeContent } from './world.ts';

/**
 * What is inside a guest, as far as its record tells: a feature or script in it is a fact. Without a
 * record line the guest was not seen from inside.
 */
export function insideFrom(
  record: { readonly state: string; readonly body: string } | undefined,
): VolumeContent {
  if (record?.state === 'none') return { files: {}, facts: [] };
  if (record?.state === 'unknown') return { files: {}, facts: [UNREADABLE_RECORD] };
  if (record?.state !== 'read') return { files: {}, facts: [UNSEEN] };
  return { files: { [RECORD_PATH]: record.body }, facts: factsOf(record.body) };
}

function factsOf(text: string): string[] {
  const record = parseJson(text);
  return [...entries(record, 'features', 'feature'), ...entries(record, 'scripts', 'script')];
}

function entries(record: unknown, key: 'features' | 'scripts', word: string): string[] {
  if (typeof record !== 'object' || record === null || !(key in record)) return [];
  const found: unknown = (record as Readonly<Record<string, unknown>>)[key];
  if (typeof found !== 'object' || found === null) return [];
  return Object.entries(found).flatMap(([name, digest]) =>
    typeof digest === 'string' ? [`${word}:${name}@${digest}`] : [],
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
