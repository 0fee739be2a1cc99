import type { Command } from '../call/command.ts';
import { refuseParameter } from '../call/errors.ts';
import { byCode, splitList } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import {
  activate,
  contentsOf,
  isEnabled,
  loadStorages,
  pluginOf,
  refOf,
  type Storage,
  type StorageConfig,
} from '../storage/config.ts';

/** `pvesm status`: figures in KiB. */
export const status: Command = {
  run: async (session, parameters) => {
    const storages = await loadStorages(session);
    const only = parameters.text('storage');
    const contents = parameters.text('content');
    const known = [...storages.values()].filter((storage) => {
      if (contents === undefined) return true;
      const holds = splitList(contents).some((content) => contentsOf(storage).has(content));
      return holds && isEnabled(session, storage);
    });
    if (only !== undefined && !known.some((storage) => storage.id === only)) {
      throw refuseParameter('storage', 'No such storage.');
    }
    const chosen = known.filter((storage) => {
      const isWanted = !parameters.flag('enabled') || storage.options.get('disable') !== '1';
      return isWanted && (only === undefined || storage.id === only);
    });
    const inactive = new Set<string>();
    for (const storage of known) {
      if (isEnabled(session, storage) && !(await canUse(session, storages, storage)))
        inactive.add(storage.id);
    }
    const width = Math.max(0, ...chosen.map((storage) => storage.id.length)) + 1;
    session.print(
      `${'Name'.padEnd(width)} ${'Type'.padStart(10)} ${'Status'.padStart(10)} ${'Total'.padStart(15)} ` +
        `${'Used'.padStart(15)} ${'Available'.padStart(15)} ${'%'.padStart(8)}\n`,
    );
    for (const storage of chosen.toSorted((a, b) => byCode(a.id, b.id))) {
      session.print(await describe(session, storage, width, inactive.has(storage.id)));
    }
  },
};

async function describe(
  session: Session,
  storage: Storage,
  width: number,
  isInactive: boolean,
): Promise<string> {
  const row = (state: string, figures: readonly number[], percent: string): string => {
    const cells = figures.map((bytes) => String(Math.floor(bytes / 1024)).padStart(15));
    return `${storage.id.padEnd(width)} ${storage.type.padStart(10)} ${state.padStart(10)} ${cells.join(' ')} ${percent.padStart(8)}\n`;
  };
  if (!isEnabled(session, storage)) return row('disabled', [0, 0, 0], 'N/A');
  if (isInactive) return row('inactive', [0, 0, 0], '0.00%');
  const usage = await session.host.volumes.capacity(refOf(storage));
  const percent = usage.totalBytes > 0 ? (usage.usedBytes * 100) / usage.totalBytes : 0;
  return row('active', [usage.totalBytes, usage.usedBytes, usage.availableBytes], `${percent.toFixed(2)}%`);
}

/** A storage that cannot be made ready is complained about and shown as inactive. */
async function canUse(session: Session, storages: StorageConfig, storage: Storage): Promise<boolean> {
  if (pluginOf(storage).isRemote) return false;
  try {
    await activate(session, storages, storage.id);
    return true;
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(messageOf(error));
    return false;
  }
}
