import type { GuestRecord } from '../model/record.ts';

/** Where a guest keeps what Phoenix applied in it. */
export const GUEST_RECORD_PATH = '/var/lib/phoenix/record.json';

/** A record beyond this many bytes is not read. */
export const GUEST_RECORD_LIMIT = 64 * 1024;

const MOST_ENTRIES = 256;
const FEATURE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u;
/** A script's name is a path in the folder's `scripts/`, whatever a file can be called. */
const SCRIPT = /^[^\p{Cc}]{1,255}$/u;
const DIGEST = /^[A-Za-z0-9][A-Za-z0-9:+/=._-]{0,127}$/u;

/**
 * Reads the text of a guest's record. It is a guest's claim: anything but exactly
 * `{features, scripts}` with short names and digests, in at most 64 KiB, is `undefined`.
 */
export function parseGuestRecord(text: string): GuestRecord | undefined {
  if (text.length > GUEST_RECORD_LIMIT) return undefined;
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  if (Object.keys(value).some((key) => key !== 'features' && key !== 'scripts')) return undefined;
  const features = readEntries(value['features'], FEATURE);
  const scripts = readEntries(value['scripts'], SCRIPT);
  return features && scripts && { features, scripts };
}

/** The text of a guest's record: sorted by name, so that equal records are equal texts. */
export function printGuestRecord(record: GuestRecord): string {
  const { features, scripts } = record;
  return `${JSON.stringify({ features: sorted(features), scripts: sorted(scripts) }, null, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readEntries(value: unknown, names: RegExp): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MOST_ENTRIES) return undefined;
  const read: [string, string][] = [];
  for (const [name, digest] of entries) {
    if (!names.test(name) || typeof digest !== 'string' || !DIGEST.test(digest)) return undefined;
    read.push([name, digest]);
  }
  return Object.fromEntries(read);
}

function sorted(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
