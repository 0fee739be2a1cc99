import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { SYSTEM_PATH } from './command.ts';
import type { Sandbox } from './open.ts';

/**
 * Runs a shell, or a command, on the sandbox's node with this process's own terminal and gives its
 * exit code. `pct`, `pvesm` and `pveam` are on its path.
 */
export async function sandboxShell(
  sandbox: Pick<Sandbox, 'spawnPrefix'>,
  env: Readonly<Record<string, string | undefined>>,
  command: readonly string[] = [],
): Promise<number> {
  const [program = '', ...args] = [...sandbox.spawnPrefix, ...(command.length > 0 ? command : await shell())];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'inherit',
      cwd: '/',
      env: { ...env, PATH: SYSTEM_PATH, HOME: '/root', PS1: '(sandbox) \\w# ' },
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 255)));
  });
}

async function shell(): Promise<string[]> {
  return access('/bin/bash').then(
    () => ['/bin/bash', '--norc', '-i'],
    () => ['/bin/sh', '-i'],
  );
}
