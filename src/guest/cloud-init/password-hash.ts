import { createHash } from 'node:crypto';
import { encrypt } from 'unixcrypt';
import type { DesiredUser } from '../../model/desired.ts';
import type { Secret } from '../../model/value.ts';

/** Whose password it is. */
export type PasswordOwner = { readonly folderId: string; readonly vmid: number };

/**
 * The crypt(3) hash of a user's password: the folder's own, or SHA-512 crypt of the password with a salt
 * derived from whose it is and from the password itself, so that the same folder always gives the same
 * hash and equal passwords don't show. Undefined for a user without one.
 */
export function passwordHash(user: DesiredUser, owner: PasswordOwner): string | undefined {
  const { name, passwordHash: given, password } = user;
  if (given !== undefined) return typeof given === 'string' ? given : given.reveal();
  return password && hashOf(password, [owner.folderId, owner.vmid, name]);
}

/* A hash takes some 50 ms, and a step is asked several times. */
const HASHES = new WeakMap<Secret, Map<string, string>>();

function hashOf(password: Secret, place: readonly [string, number, string]): string {
  const known = HASHES.get(password) ?? new Map<string, string>();
  HASHES.set(password, known);
  const key = JSON.stringify(place);
  const text = password.reveal();
  const found = known.get(key);
  if (found !== undefined) return found;
  const salt = createHash('sha512')
    .update(JSON.stringify(['phoenix-password-salt', ...place, text]))
    .digest('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  const hash = encrypt(text, `$6$${salt}`);
  known.set(key, hash);
  return hash;
}
