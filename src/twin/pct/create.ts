import type { GuestId } from '../../model/target.ts';
import type { Command, Parameters } from '../call/command.ts';
import { refuseParameter, ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import {
  destroyConfig,
  emptyConfig,
  emptySection,
  lockConfig,
  writeConfig,
  type Config,
  type Section,
} from '../container/config.ts';
import { createDisks, destroyDisks } from '../container/disks.ts';
import { refuseTakenId } from '../container/ids.ts';
import { installTemplate } from '../container/install.ts';
import { createLocked } from '../container/locks.ts';
import { startContainer } from '../container/power.ts';
import { refuseMissingPool } from '../container/pools.ts';
import { clampCpuUnits, updateConfig } from '../container/update.ts';
import { parseVolume, splitVolumeId } from '../container/volumes.ts';
import { activate, contentsOf, findEnabled, loadStorages, type StorageConfig } from '../storage/config.ts';
import { locate } from '../storage/volumes.ts';

/** `pct create`: all parameters are checked first, then the config, the volumes and the system are made. */
export const create: Command = { run, waits: true };

async function run(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  if (parameters.flag('restore')) throw new ToolError('restoring backups is not available on this node');
  await refuseTakenId(session, vmid);
  await refuseMissingPool(session, parameters.text('pool'));
  refuseOddKeys(parameters.text('ssh-public-keys'));
  const storages = await loadStorages(session);
  const template = parameters.demand('ostemplate');
  checkTemplate(storages, template);
  const { disks, settings } = divide(session, parameters);
  await checkStorages(session, storages, disks, parameters.text('storage') ?? 'local');
  const config = emptyConfig();
  await updateConfig(session, vmid, config, false, { values: settings, deletes: [], reverts: [] });
  if (parameters.flag('unprivileged')) config.head.keys.set('unprivileged', '1');
  try {
    await createLocked(session, vmid, false);
  } catch (error) {
    throw isComplaint(error) ? new ToolError(`unable to create CT ${vmid} - ${messageOf(error)}`) : error;
  }
  await runWorker(session, 'vzcreate', vmid, async () => {
    await lockConfig(session, vmid, () => make(session, storages, vmid, config, disks, template, parameters));
    if (parameters.flag('start')) await runStart(session, vmid);
  });
}

/** Everything but disks goes through the same checks as `pct set`. */
function divide(session: Session, parameters: Parameters): { disks: Section; settings: Map<string, string> } {
  const disks = emptySection();
  const settings = new Map<string, string>();
  for (const [key, value] of parameters.except(NOT_SETTINGS)) {
    if (/^unused\d+$/.test(key)) {
      session.warn(`ignoring '${key}', cannot create/restore with unused volume`);
    } else if (key === 'rootfs' || /^mp\d+$/.test(key)) {
      const isSize = /^\d+(\.\d+)?$/.test(value);
      disks.keys.set(key, isSize ? `${parameters.text('storage') ?? 'local'}:${value}` : value);
    } else settings.set(key, key === 'cpuunits' ? clampCpuUnits(value) : value);
  }
  if (disks.keys.size > 0 && !disks.keys.has('rootfs')) {
    throw new ToolError("mount points configured, but 'rootfs' not set - aborting");
  }
  return { disks, settings };
}

const NOT_SETTINGS = [
  'vmid',
  'ostemplate',
  'password',
  'storage',
  'force',
  'restore',
  'unique',
  'pool',
  'ignore-unpack-errors',
  'ssh-public-keys',
  'bwlimit',
  'start',
  'unprivileged',
];

function refuseOddKeys(keys: string | undefined): void {
  const isKey = (line: string): boolean =>
    /^(.*\s)?(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+\s+[A-Za-z0-9+/]{20,}={0,2}(\s.*)?$/.test(line);
  for (const line of keys?.split('\n') ?? []) {
    if (line.trim() !== '' && !isKey(line)) throw new ToolError('SSH public key validation error');
  }
}

function checkTemplate(storages: StorageConfig, template: string): void {
  if (template === '-') throw new ToolError('pipe can only be used with restore tasks');
  if (splitVolumeId(template) === undefined) return;
  if (locate(storages, template).parsed.type !== 'vztmpl') {
    throw new ToolError(`unable to use volume ${template} - content type needs to be 'vztmpl'`);
  }
}

async function checkStorages(
  session: Session,
  storages: StorageConfig,
  disks: Section,
  standard: string,
): Promise<void> {
  const check = async (id: string): Promise<void> => {
    const storage = findEnabled(session, storages, id);
    if (!contentsOf(storage).has('rootdir')) {
      throw refuseParameter('storage', `storage '${id}' does not support container directories`);
    }
    await activate(session, storages, id);
  };
  const keys = [...disks.keys.keys()].toSorted((a, b) => rank(a) - rank(b));
  for (const key of keys) {
    const mount = parseVolume(key, disks.keys.get(key) ?? '');
    if (mount.kind !== 'volume') continue;
    const split = splitVolumeId(mount.volume);
    if (split === undefined) throw new ToolError(`unable to parse volume ID '${mount.volume}'`);
    await check(split.storage);
  }
  if (disks.keys.size === 0) {
    await check(standard);
    disks.keys.set('rootfs', `${standard}:4`);
  }
}

function rank(key: string): number {
  return key === 'rootfs' ? -1 : Number(key.slice(2));
}

async function make(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: Config,
  disks: Section,
  template: string,
  parameters: Parameters,
): Promise<void> {
  let made: string[] = [];
  try {
    made = await createDisks(session, storages, vmid, disks, config.head, config.head);
    await installTemplate(session, storages, vmid, config, template, parameters);
    const { keys } = config.head;
    if (!keys.get('hostname')) keys.set('hostname', `CT${vmid}`);
    if (!keys.get('memory')) keys.set('memory', '512');
    if (!keys.has('swap')) keys.set('swap', '512');
    await writeConfig(session, vmid, config);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await destroyDisks(session, storages, made);
    await destroyConfig(session, vmid);
    await session.host.files.remove(`/etc/pve/firewall/${vmid}.fw`);
    throw new ToolError(`unable to create CT ${vmid} - ${messageOf(error)}`);
  }
}

/** The start is a task of its own: where it fails, the create has still succeeded. */
async function runStart(session: Session, vmid: GuestId): Promise<void> {
  try {
    await startContainer(session, vmid, { skipLock: false });
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(messageOf(error));
  }
}
