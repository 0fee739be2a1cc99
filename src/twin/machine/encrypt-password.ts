import { createHash } from 'node:crypto';
import type { Session } from '../call/session.ts';
import type { MachineConfig } from './config.ts';

/**
 * A Cloud-Init password as `qm set` stores it: as it is for Windows or where it is a hash already, else
 * hashed in the form of crypt's SHA-256. The digest is the twin's own: nobody logs in with it.
 */
export function encryptPassword(session: Session, config: MachineConfig, password: string): string {
  const isWindows = config.head.keys.get('ostype')?.startsWith('w') === true;
  if (isWindows || /^\$(?:[156]|2[ay])(\$.+){2}/.test(password)) return password;
  const salt = Array.from({ length: 8 }, () =>
    LETTERS.charAt(Math.floor(session.host.random() * LETTERS.length)),
  ).join('');
  const digest = createHash('sha256').update(`${salt}${password}`).digest();
  return `$5$${salt}$${[...digest, ...digest]
    .map((byte) => LETTERS.charAt(byte % 64))
    .join('')
    .slice(0, 43)}`;
}

const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
