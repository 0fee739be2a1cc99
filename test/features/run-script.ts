import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FEATURES = path.resolve(import.meta.dirname, '../../features');

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a script of a built-in feature as a guest would: a bare environment, standard input closed. */
export function runScript(
  script: string,
  { env = {}, programs }: { env?: Record<string, string>; programs?: string } = {},
): Ran {
  const standard = '/usr/sbin:/usr/bin:/sbin:/bin';
  const result = spawnSync(path.join(FEATURES, script), {
    env: { PATH: programs ? `${programs}:${standard}` : standard, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Puts a program into a folder that answers as given, whatever it is asked. */
export function answeringProgram(
  folder: string,
  name: string,
  answer: { text: string; code?: number },
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.txt`), answer.text);
  const program = path.join(folder, name);
  writeFileSync(program, `#!/bin/sh\ncat "$0.txt"\nexit ${answer.code ?? 0}\n`);
  chmodSync(program, 0o755);
}
