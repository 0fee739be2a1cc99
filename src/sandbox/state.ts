import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Layout } from './layout.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What a sandbox's folder says of itself; the file that holds it marks the folder as a sandbox's. */
export type SandboxState = {
  readonly version: 1;
  readonly nodeName: string;
  /** Epoch milliseconds. */
  readonly createdMs: number;
  /** The processes that hold the namespaces and carry packets, as last started. */
  readonly holder?: ProcessIdentity;
  readonly uplink?: ProcessIdentity;
  /** The machine's boot in which they were started. */
  readonly bootId?: string;
  /** Number of the mount namespace. */
  readonly mountNamespace?: string;
};

/** The state of a sandbox; undefined where the folder holds none. */
export async function readState(layout: Layout): Promise<SandboxState | undefined> {
  let text: string;
  try {
    text = await readFile(layout.state, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const state = JSON.parse(text) as Partial<SandboxState>;
    return state.version === 1 && typeof state.nodeName === 'string' ? (state as SandboxState) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeState(layout: Layout, state: SandboxState): Promise<void> {
  await writeFile(`${layout.state}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${layout.state}.new`, layout.state);
}

/** Identifies this boot of the machine. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
