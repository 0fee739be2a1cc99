import type * as ChildProcess from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { Position } from '../model/diagnostic.ts';
import type { Target } from '../model/target.ts';
import { Secret } from '../model/value.ts';
import type { Findings } from './diagnose.ts';
import type { SecretReference } from './schema/secret.ts';

export type SecretReader = (
  reference: SecretReference,
  place: { readonly position: Position; readonly target?: Target },
) => Secret;

/**
 * Makes secrets of references. Whether a variable or a file is there is checked now; the text is read
 * when it is revealed, and a command runs then, so that neither is in memory without need.
 */
export function secretReader(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  findings: Findings,
): SecretReader {
  return (reference, { position, target }) => {
    const { from_env, from_file, from_command } = reference;
    const missing = (detail: string, remedy: string): void =>
      findings.add('secret-missing', {
        summary: 'A secret cannot be found',
        detail,
        remedy,
        position,
        target,
      });
    if (from_env !== undefined) {
      if (env[from_env] === undefined)
        missing(`The environment has no ${from_env}.`, `Set it: export ${from_env}=…`);
      return new Secret(`env:${from_env}`, () => revealed(env[from_env], `env:${from_env}`));
    }
    if (from_file !== undefined) {
      const path = resolve(folder, from_file);
      if (!isReadable(path)) missing(`${path} cannot be read.`, 'Create the file, or correct its path.');
      return new Secret(`file:${from_file}`, () => revealed(readSecretFile(path), `file:${from_file}`));
    }
    const argv = from_command ?? [];
    const name = `command:${argv[0] ?? ''}`;
    return new Secret(`command:${argv.join(' ')}`, () => revealed(runCommand(argv, folder), name));
  };
}

/** Thrown by `reveal` where a secret is not to be had any more. Its message holds the reference only. */
export class SecretError extends Error {
  readonly code = 'config/secret-missing';
}

function revealed(text: string | undefined, reference: string): string {
  if (text === undefined) throw new SecretError(`The secret ${reference} cannot be read.`);
  return text;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function readSecretFile(path: string): string | undefined {
  try {
    return withoutLineEnd(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function runCommand(argv: readonly string[], cwd: string): string | undefined {
  // Loaded here because few folders need it and every start would pay for it.
  const { spawnSync } = createRequire(import.meta.url)('node:child_process') as typeof ChildProcess;
  const [program = '', ...args] = argv;
  const result = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return result.status === 0 ? withoutLineEnd(result.stdout) : undefined;
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
