import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootPath } from './inside.ts';
import { INSIDE, type Layout } from './layout.ts';
import type { SandboxNeeds } from './needs.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { type Program, SCRIPTS, existsInside } from './provision.ts';

/** A running sandbox, and what a folder expects of it. */
export type Expectation = {
  readonly holder: ProcessIdentity;
  readonly layout: Layout;
  readonly needs: SandboxNeeds;
  readonly program: Program;
};

/**
 * Does this sandbox hold all that a folder expects, as this very program provides it? Looks at files
 * and processes only: opening a sandbox that lives must cost no process. The mark that it compares
 * lies in the memory of the sandbox's namespaces and ends with them.
 */
export async function isProvided(expected: Expectation): Promise<boolean> {
  const { holder, needs } = expected;
  const mark = await readFile(markPath(holder), 'utf8').catch(() => undefined);
  if (mark === undefined || mark !== (await markOf(expected))) return false;
  const interfaces = await readFile(`/proc/${holder.pid}/net/dev`, 'utf8');
  for (const { name, hasDhcpGuests } of needs.bridges) {
    if (!interfaces.includes(`${name}:`)) return false;
    if (hasDhcpGuests && !(await runsDhcp(holder, name))) return false;
  }
  for (const { path } of [...needs.templates, ...needs.images]) {
    if (path !== undefined && !(await existsInside(holder, path))) return false;
  }
  return true;
}

/** Marks that everything which a folder expects has been provided. */
export async function noteProvided(expected: Expectation): Promise<void> {
  await writeFile(markPath(expected.holder), await markOf(expected), { mode: 0o600 });
}

function markPath(holder: ProcessIdentity): string {
  return join(rootPath(holder), INSIDE.root, 'provided');
}

async function markOf({ holder, layout, needs, program }: Expectation): Promise<string> {
  const { notices: _, ...things } = needs;
  const storages = await readFile(join(rootPath(holder), 'etc/pve/storage.cfg'), 'utf8').catch(() => '');
  return createHash('sha256')
    .update(JSON.stringify([things, layout, program, SCRIPTS, storages]))
    .update(await readFile(program.toolPath))
    .digest('hex');
}

async function runsDhcp(holder: ProcessIdentity, bridge: string): Promise<boolean> {
  const pidFile = join(rootPath(holder), INSIDE.root, `dhcp-${bridge}.pid`);
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  return pid > 0 && (await identify(pid)) !== undefined;
}
