import type { Command } from '../call/command.ts';
import { refuseParameter } from '../call/errors.ts';
import { byCode, splitList } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { contentsOf, loadStorages, pluginOf, refOf, type Storage } from '../storage/config.ts';

/** `pvesm status`: figures in KiB. */
export const status: Command = {
  run: async (session, parameters) => {
    const storages = await loadStorages(session);
    const only = parameters.text('storage');
    if (only !== undefined && !storages.has(only)) throw refuseParameter('storage', 'No such storage.');
    const contents = splitList(parameters.text('content') ?? '');
    const chosen = [...storages.values()].filter((storage) => {
      const isOf = contents.length === 0 || contents.some((content) => contentsOf(storage).has(content));
      const nodes = storage.options.get('nodes');
      const isHere = nodes === undefined || splitList(nodes).includes(session.host.nodeName);
      const isWanted = !parameters.flag('enabled') || !isDisabled(storage);
      return isOf && isHere && isWanted && (only === undefined || storage.id === only);
    });
    const width = Math.max(0, ...chosen.map((storage) => storage.id.length)) + 1;
    session.print(
      `${'Name'.padEnd(width)} ${'Type'.padStart(10)} ${'Status'.padStart(10)} ${'Total'.padStart(15)} ` +
        `${'Used'.padStart(15)} ${'Available'.padStart(15)} ${'%'.padStart(8)}\n`,
    );
    for (const storage of chosen.toSorted((a, b) => byCode(a.id, b.id))) {
      session.print(await describe(session, storage, width));
    }
  },
};

async function describe(session: Session, storage: Storage, width: number): Promise<string> {
  const row = (state: string, figures: readonly number[], percent: string): string => {
    const cells = figures.map((bytes) => String(Math.floor(bytes / 1024)).padStart(15));
    return `${storage.id.padEnd(width)} ${storage.type.padStart(10)} ${state.padStart(10)} ${cells.join(' ')} ${percent.padStart(8)}\n`;
  };
  if (isDisabled(storage)) return row('disabled', [0, 0, 0], 'N/A');
  if (pluginOf(storage).isRemote) return row('inactive', [0, 0, 0], '0.00%');
  const usage = await session.host.volumes.capacity(refOf(storage));
  const percent = usage.totalBytes > 0 ? (usage.usedBytes * 100) / usage.totalBytes : 0;
  return row('active', [usage.totalBytes, usage.usedBytes, usage.availableBytes], `${percent.toFixed(2)}%`);
}

function isDisabled(storage: Storage): boolean {
  return storage.options.get('disable') === '1';
}
