import type { Operation } from '../model/operation.ts';
import { Secret } from '../model/value.ts';

/** Replaces secrets in a text by `•••`. */
export type Mask = (text: string) => string;

/**
 * A mask of these secrets in every encoding that a program may print them in: as they are, as JSON,
 * as a URL, in base64 and hex, quoted for a shell, and each long line of one that has several.
 */
export function maskOf(secrets: Iterable<Secret>): Mask {
  const needles = new Set<string>();
  for (const secret of secrets) for (const form of formsOf(secret.reveal())) needles.add(form);
  needles.delete('');
  if (needles.size === 0) return (text) => text;
  const longestFirst = [...needles].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapePattern).join('|'), 'gu');
  return (text) => text.replace(pattern, '•••');
}

/** The secrets that an operation carries, wherever in it they stand. */
export function secretsIn(operation: Operation): Secret[] {
  const found: Secret[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof Secret) found.push(value);
    else if (Array.isArray(value)) for (const one of value) walk(one);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) walk(one);
  };
  walk(operation);
  return found;
}

/** A part of a text this short or shorter is too common to be taken for a secret. */
const SHORTEST_PART = 6;

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  const parts = text.split('\n').filter((line) => line.length > SHORTEST_PART);
  return [
    text,
    text.trim(),
    ...parts,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    text.replaceAll("'", `'\\''`),
    ...(bytes.length > SHORTEST_PART ? [bytes.toString('hex'), ...base64Forms(bytes)] : []),
  ];
}

/** Base64 of a text that stands at any place in what was encoded: the part that its neighbours do not touch. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const isCut = (offset + bytes.length) % 3 !== 0;
    return encoded.slice(Math.ceil((offset * 4) / 3), isCut ? -1 : undefined);
  });
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
