import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunOptions } from '../model/node.ts';
import type { WriteOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { Secret } from '../model/value.ts';
import { WRITE_SH } from './guest-programs.ts';
import { runIn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { DONE, outcomeOf, refused } from './outcome.ts';

/** Writes a whole file beside its place and renames it there, on the node or in a guest; `null` removes it. */
export async function writeFile(
  machine: Machine,
  operation: WriteOperation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  const { path, mode = 0o644 } = operation;
  const content = operation.content instanceof Secret ? operation.content.reveal() : operation.content;
  if (!path.startsWith('/') || path.includes('\0'))
    return refused(cannotWrite(path, 'The path is not absolute.'));
  const { root } = machine;
  if (operation.in !== 'node' || root === undefined) {
    const argument = content === null ? '-' : mode.toString(8);
    const words = ['sh', '-c', WRITE_SH, 'phoenix-write', path, argument];
    const end = await runIn(machine, operation.in, words, {
      stdin: content ?? '',
      signal: options.signal,
      timeoutMs: GUEST_LIMIT_MS,
    });
    return outcomeOf(end, mask);
  }
  try {
    if (content === null) await rm(`${root}${path}`, { force: true });
    else await replaceFile(`${root}${path}`, content, mode);
    return DONE;
  } catch (error) {
    return refused(cannotWrite(path, mask(error instanceof Error ? error.message : String(error))));
  }
}

/** Writes a file beside its place, flushes it and renames it there; folders above are made. */
export async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.tmp.${randomUUID()}`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
      // pmxcfs has permissions of its own and refuses to change them.
      await file.chmod(mode).catch(() => {});
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

const GUEST_LIMIT_MS = 60_000;

function cannotWrite(path: string, detail: string) {
  return { code: 'node/cannot-write', severity: 'error', summary: `Cannot write ${path}`, detail } as const;
}
