import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { findGuest } from '../container/ids.ts';
import { activate, contentsOf, findStorage, loadStorages, refOf, type Storage } from '../storage/config.ts';
import { listFiles, type StoredFile } from '../storage/files.ts';

/** `pvesm list`: guests' volumes first, then files by format. */
export const list: Command = {
  run: async (session, parameters) => {
    const storages = await loadStorages(session);
    const id = parameters.demand('storage');
    findStorage(storages, id);
    const storage = await activate(session, storages, id);
    const vmid = parameters.number('vmid');
    const rows = await collect(session, storage, vmid, parameters.text('content'));
    const nameWidth = Math.max(0, ...rows.map((row) => row.volume.length));
    const sizeWidth = String(Math.max(0, ...rows.map((row) => row.sizeBytes))).length;
    const print = (name: string, format: string, type: string, size: string, owner?: string): void => {
      const cells = `${name.padEnd(nameWidth)} ${format.padEnd(7)} ${type.padEnd(9)} ${size.padStart(sizeWidth)}`;
      session.print(owner === undefined ? `${cells}\n` : `${cells} ${owner}\n`);
    };
    print('Volid', 'Format', 'Type', 'Size', 'VMID');
    for (const row of rows.filter((found) => found.vmid !== undefined)) {
      print(row.volume, row.format, row.type, String(row.sizeBytes), String(row.vmid));
    }
    const others = rows.filter((found) => found.vmid === undefined);
    for (const row of others.toSorted((a, b) => byCode(a.format, b.format))) {
      print(row.volume, row.format, row.type, String(row.sizeBytes));
    }
  },
};

async function collect(
  session: Session,
  storage: Storage,
  vmid: number | undefined,
  content: string | undefined,
): Promise<StoredFile[]> {
  const enabled = contentsOf(storage);
  const wants = (type: string): boolean => enabled.has(type) && (content === undefined || content === type);
  const rows: StoredFile[] = [];
  for (const volume of await session.host.volumes.list(refOf(storage), vmid)) {
    const kind = (await findGuest(session, volume.vmid))?.kind;
    const type = kind === 'lxc' ? 'rootdir' : 'images';
    if (!wants(type)) continue;
    rows.push({
      volume: `${storage.id}:${volume.name}`,
      format: volume.format,
      type,
      sizeBytes: volume.sizeBytes,
      vmid: volume.vmid,
    });
  }
  for (const type of ['vztmpl', 'iso', 'backup', 'snippets', 'import']) {
    if (wants(type)) rows.push(...(await listFiles(session, storage, type, vmid)));
  }
  return rows.toSorted((a, b) => byCode(a.volume.toLowerCase(), b.volume.toLowerCase()));
}
