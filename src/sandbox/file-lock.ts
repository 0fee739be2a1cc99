import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { spawn } from 'node:child_process';

/**
 * Takes an exclusive flock on a file and gives its release; undefined where another still holds it
 * after `timeoutMs`. `onWait` is called once, before waiting. The lock dies with this process.
 */
export async function lockFile(
  path: string,
  timeoutMs: number,
  onWait?: () => void,
): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a');
  let code = await flock(file.fd, ['-n']);
  if (code === REFUSED && timeoutMs > 0) {
    onWait?.();
    code = await flock(file.fd, ['-w', (timeoutMs / 1000).toFixed(3)]);
  }
  if (code === 0) return () => file.close();
  await file.close();
  if (code === REFUSED) return undefined;
  throw new Error(`can't lock file '${path}' (flock: exit code ${code})`);
}

const REFUSED = 1;

/**
 * Node has no flock of its own. A flock belongs to the open file, so one that flock(1) takes on the
 * descriptor it inherited stays with this process when flock(1) has ended.
 */
function flock(descriptor: number, options: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/flock', ['-x', ...options, '3'], {
      stdio: ['ignore', 'ignore', 'ignore', descriptor],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? REFUSED));
  });
}
