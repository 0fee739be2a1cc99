import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';
import { ENOENT } from './config.ts';

/** Refuses a hook script that is no snippet, is not there, or cannot be run. */
export async function checkHookScript(
  session: Session,
  storages: StorageConfig,
  volume: string,
): Promise<void> {
  const { storage, name, parsed } = locate(storages, volume);
  if (parsed.type !== 'snippets') throw new ToolError(`'${volume}' is not in the snippets directory`);
  const stat = await session.host.files.stat(pathOf(storage, name));
  if (stat?.type !== 'file') {
    session.errno = ENOENT;
    throw new ToolError(`script '${volume}' does not exist`);
  }
  if ((stat.mode & 0o111) === 0) throw new ToolError(`script '${volume}' is not executable`);
}
