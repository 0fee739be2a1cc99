import { readFile, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lockFile } from './file-lock.ts';
import { stopEverything } from './holder.ts';
import { type Layout, sandboxLayout } from './layout.ts';
import { foreignNames, ownNames } from './owned-files.ts';
import { SandboxError } from './sandbox-error.ts';
import { readState } from './state.ts';

/**
 * Ends everything that runs in a sandbox and removes its folder, the rehearsals below it included.
 * What is not its own stays, in the folder too. Fine where there is no sandbox.
 */
export async function resetSandbox(dataFolder: string): Promise<void> {
  const layout = sandboxLayout(dataFolder);
  if (!(await exists(layout.folder))) return;
  const state = await readState(layout);
  if (state === undefined && (await foreignNames(layout)).length > 0) throw notASandbox(layout);
  for (const name of await readdir(layout.rehearsals).catch(() => [])) {
    await resetSandbox(join(layout.rehearsals, name));
  }
  const release = await lockFile(layout.lock, 60_000);
  if (release === undefined) throw busy(layout);
  try {
    await stopEverything(layout, state);
    await refuseMounts(layout);
    for (const name of ownNames(layout)) {
      await rm(join(layout.folder, name), { recursive: true, force: true });
    }
  } finally {
    await release();
  }
  await rmdir(layout.folder).catch(() => undefined);
  const parent = dirname(layout.folder);
  if (basename(parent) === 'rehearsals') await rmdir(parent).catch(() => undefined);
}

/** Removing files through a mount would remove what is mounted there. */
async function refuseMounts({ folder }: Layout): Promise<void> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  const below = mountinfo
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`${folder}/`));
  if (below.length === 0) return;
  throw new SandboxError({
    code: 'sandbox/mounted',
    severity: 'error',
    summary: `something is mounted in the sandbox's folder: ${below.join(', ')}`,
    remedy: `Unmount it:\n${below.map((path) => `umount ${path}`).join('\n')}`,
  });
}

function notASandbox(layout: Layout): SandboxError {
  return new SandboxError({
    code: 'sandbox/foreign-folder',
    severity: 'error',
    summary: `this folder is not a sandbox's: ${layout.folder}`,
    remedy: 'Point $PHOENIX_SANDBOX at the folder of a sandbox.',
  });
}

function busy(layout: Layout): SandboxError {
  return new SandboxError({
    code: 'sandbox/busy',
    severity: 'error',
    summary: `another phoenix is setting up the sandbox in ${layout.folder}`,
    remedy: 'Wait for it, or end it.',
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
