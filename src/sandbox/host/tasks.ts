import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { pid } from 'node:process';
import type { Release } from '../../twin/host.ts';
import { lockFile } from '../file-lock.ts';
import { identify } from '../process-identity.ts';

/**
 * Registers this process as the worker of a task in `/var/log/pve/tasks/active`. Where it is killed
 * its line stays there, as on a real node; the process id in it tells that it has ended.
 */
export async function beginTask(
  nodeName: string,
  type: string,
  id: string,
): Promise<{ upid: string; end: Release }> {
  const self = await identify(pid);
  const words = [hex(pid, 8), hex(self?.start ?? 0, 8), hex(Math.floor(Date.now() / 1000), 8)];
  const upid = `UPID:${nodeName}:${words.join(':')}:${type}:${id}:root@pam:`;
  await rewrite((lines) => [`${upid} 0`, ...lines]);
  return {
    upid,
    end: async () => {
      await rewrite((lines) => lines.filter((line) => !line.startsWith(`${upid} `)));
      await appendFile(`${FOLDER}/index`, `${upid} ${hex(Math.floor(Date.now() / 1000), 8)} OK\n`);
    },
  };
}

const FOLDER = '/var/log/pve/tasks';

async function rewrite(edit: (lines: readonly string[]) => readonly string[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const release = await lockFile(`${FOLDER}/.active.lock`, 10_000);
  try {
    const text = await readFile(`${FOLDER}/active`, 'utf8').catch(() => '');
    const living: string[] = [];
    for (const line of text.split('\n').filter(Boolean)) if (await isAlive(line)) living.push(line);
    await writeFile(
      `${FOLDER}/active.tmp`,
      edit(living)
        .map((line) => `${line}\n`)
        .join(''),
    );
    await rename(`${FOLDER}/active.tmp`, `${FOLDER}/active`);
  } finally {
    await release?.();
  }
}

async function isAlive(line: string): Promise<boolean> {
  const [, , worker = '', start = ''] = line.split(':');
  return (await identify(Number.parseInt(worker, 16)))?.start === Number.parseInt(start, 16);
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, '0');
}
