import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';
import type { Session } from '../call/session.ts';
import { ENOENT } from '../container/config.ts';
import type { CloudInitFiles } from '../host.ts';
import { activate, loadStorages, type StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { allocateVolume, locate, refOfVolume, sizeOfVolume } from '../storage/volumes.ts';
import {
  cloudInitFormat,
  eniDocument,
  hostNames,
  metaDocument,
  networkDocument,
  userDocument,
} from './cloud-init-documents.ts';
import { writeMachine, type MachineConfig } from './config.ts';
import { drivesOf } from './drives.ts';
import { CLOUD_INIT_BYTES } from './fixed-sizes.ts';
import { machinesOf } from './machines.ts';

/**
 * Writes a VM's Cloud-Init drive anew, where it has one. With that nothing of it is out of date any
 * more: the section that said so goes, and the configuration is written if there was one.
 */
export async function applyCloudInit(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
): Promise<boolean> {
  const storages = await loadStorages(session);
  for (const drive of drivesOf(config.head)) {
    if (!drive.file.includes(`vm-${vmid}-cloudinit`)) continue;
    await writeDrive(session, storages, vmid, config.head.keys, drive.file);
  }
  if (config.cloudInit.keys.size === 0) return false;
  config.cloudInit.keys.clear();
  await writeMachine(session, vmid, config);
  return true;
}

async function writeDrive(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  settings: ReadonlyMap<string, string>,
  volume: string,
): Promise<void> {
  const format = cloudInitFormat(settings);
  const files = await filesOf(session, storages, vmid, settings, format);
  const sum = Object.values(files).reduce((bytes, text) => bytes + text.length, 0);
  if (sum > 3 * 1024 ** 2) throw new ToolError('Cloud-Init sum of snippets too big (> 3 MiB)');
  const located = locate(storages, volume);
  await activate(session, storages, located.storage.id);
  if ((await sizeOfVolume(session, storages, volume)) === undefined) {
    const { format: imageFormat, file } = located.parsed;
    const shape = { vmid, format: imageFormat, name: file, sizeBytes: CLOUD_INIT_BYTES };
    await allocateVolume(session, storages, located.storage.id, shape);
  }
  session.print('generating cloud-init ISO\n');
  await machinesOf(session).writeCloudInit(refOfVolume(located), LABELS[format] ?? 'cidata', files);
}

const LABELS: Readonly<Record<string, string>> = { configdrive2: 'config-2', opennebula: 'CONTEXT' };

async function filesOf(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  settings: ReadonlyMap<string, string>,
  format: string,
): Promise<CloudInitFiles> {
  if (format === 'opennebula') return { '/context.sh': contextOf(settings, vmid) };
  const custom = await customFiles(session, storages, settings.get('cicustom'));
  const user = custom.get('user') ?? userDocument(settings, vmid);
  const isNoCloud = format === 'nocloud';
  const network = custom.get('network') ?? (isNoCloud ? networkDocument : eniDocument)(settings);
  const meta = custom.get('meta') ?? metaDocument(user, network, format);
  const vendor = custom.get('vendor') ?? '';
  return isNoCloud
    ? { '/user-data': user, '/network-config': network, '/meta-data': meta, '/vendor-data': vendor }
    : {
        '/openstack/latest/user_data': user,
        '/openstack/content/0000': network,
        '/openstack/latest/meta_data.json': meta,
        '/openstack/latest/vendor_data.json': vendor,
      };
}

function contextOf(settings: ReadonlyMap<string, string>, vmid: GuestId): string {
  const [hostname] = hostNames(settings, vmid);
  return `USERNAME=${settings.get('ciuser') ?? 'root'}\nSET_HOSTNAME=${hostname}\n`;
}

/** The snippets that `cicustom` names, by document. */
async function customFiles(
  session: Session,
  storages: StorageConfig,
  text: string | undefined,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [document, volume] of parseFields(FORMATS['cicustom'] ?? {}, text ?? '')) {
    const { storage, name, parsed } = locate(storages, volume);
    if (parsed.type !== 'snippets') throw new ToolError(`${volume} is not in the snippets directory`);
    const content = await session.host.files.read(pathOf(storage, name));
    if (content === undefined) {
      session.errno = ENOENT;
      throw new ToolError(`volume '${volume}' does not exist`);
    }
    found.set(document, content);
  }
  return found;
}
