import type { Script } from '../model/operation.ts';
import type { Scalar, Value } from '../model/value.ts';
import { Secret } from '../model/value.ts';
import { LONGEST_NAME, packTar, type TarFile } from './tar.ts';

/** Names that the runner keeps for itself in a script's folder. */
export const ENV_FILE = '.phoenix-env';
export const INPUTS_FILE = '.phoenix-inputs.json';

export type Payload = { readonly archive: Buffer; readonly command: readonly string[] };

/**
 * What goes into a guest by stdin so that a script can run there: an archive of the script, its files,
 * its inputs and its environment, and the command that runs it in the folder `folder`. A string says
 * what is wrong with it.
 */
export function scriptPayload(
  script: Script,
  env: Readonly<Record<string, Value>>,
  folder: string,
): Payload | string {
  const name = script.name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, LONGEST_NAME);
  const isBare = name === '' || name.startsWith('.');
  const own = isBare ? `script${name}`.slice(0, LONGEST_NAME) : name;
  const files = Object.entries(script.files ?? {});
  const bad = files.find(([file]) => !isPlainName(file));
  if (bad) return `A file of a script cannot be named ${JSON.stringify(bad[0])}.`;
  const environment = envFile(env);
  if (typeof environment === 'string') return environment;
  const archive = packTar([
    environment,
    ...(script.inputs ? [inputsFile(script.inputs)] : []),
    ...files.map(([file, content]) => ({ name: file, content, mode: 0o600 })),
    { name: own, content: script.content, mode: 0o700 },
  ]);
  return { archive, command: [...interpreter(script.content), `${folder}/${own}`, ...(script.args ?? [])] };
}

/** An archive of nothing but an environment; a string says what is wrong with it. */
export function envPayload(env: Readonly<Record<string, Value>>): Buffer | string {
  const environment = envFile(env);
  return typeof environment === 'string' ? environment : packTar([environment]);
}

/**
 * The program and argument of a script's `#!` line. It is named on the command line rather than left
 * to the kernel, since a guest's /run may be mounted `noexec`.
 */
function interpreter(content: string): string[] {
  const match = /^#![ \t]*(\S+)[ \t]*([^\n]*?)[ \t\r]*(\n|$)/.exec(content);
  if (!match?.[1]) return ['/bin/sh'];
  return match[2] ? [match[1], match[2]] : [match[1]];
}

function isPlainName(name: string): boolean {
  if (name === '' || Buffer.byteLength(name) > LONGEST_NAME || /\p{Cc}/u.test(name)) return false;
  if (name.startsWith('.phoenix-')) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function inputsFile(inputs: Readonly<Record<string, unknown>>): TarFile {
  return { name: INPUTS_FILE, content: `${JSON.stringify(revealed(inputs), undefined, 2)}\n`, mode: 0o600 };
}

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revealed(one)]));
}

/** Lines `NAME VALUE`, the value with everything unusual as `\0ooo` for `printf %b`. */
function envFile(env: Readonly<Record<string, Value>>): TarFile | string {
  let content = '';
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `${JSON.stringify(name)} cannot name a variable.`;
    const text = revealValue(value);
    if (text.includes('\0')) return `The value of ${name} holds a NUL character.`;
    content += `${name} ${escapeBytes(text)}\n`;
  }
  return { name: ENV_FILE, content, mode: 0o600 };
}

/** The text of a value at the moment that a node needs it. */
function revealValue(value: Value): string {
  if (typeof value === 'object' && !(value instanceof Secret) && !('fill' in value)) {
    return value.map(revealScalar).join('');
  }
  return revealScalar(value);
}

function revealScalar(value: Scalar): string {
  if (value instanceof Secret) return value.reveal();
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'object') throw new Error(`${value.fill} of ${value.of} was never filled.`);
  return String(value);
}

function escapeBytes(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9._/:=@,+-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return escaped;
}
