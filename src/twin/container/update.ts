import type { GuestId } from '../../model/target.ts';
import { byCode, splitList } from '../call/lists.ts';
import { ToolError } from '../call/errors.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';
import type { Session } from '../call/session.ts';
import { contentsOf, findStorage, loadStorages, type StorageConfig } from '../storage/config.ts';
import { applyPending } from './apply-pending.ts';
import type { Config } from './config.ts';
import { checkHookScript } from './hook-script.ts';
import { hotplugPending } from './hotplug-pending.ts';
import { checkProtection } from './locks.ts';
import { checkNic, refuseMissingDevice } from './lxc-config.ts';
import { addPendingDelete, cleanPending, removePendingDelete } from './pending.ts';
import { parseVolume, splitVolumeId } from './volumes.ts';

/** What `pct set` asks for: values by key, keys to delete, pending changes to take back. */
export type Update = {
  readonly values: ReadonlyMap<string, string>;
  readonly deletes: readonly string[];
  readonly reverts: readonly string[];
};

/**
 * Puts changes into a configuration: all become pending, then what can be applied now (everything
 * where it is stopped, what can be hotplugged where it runs) is. Gives complaints by key.
 */
export async function updateConfig(
  session: Session,
  vmid: GuestId,
  config: Config,
  isRunning: boolean,
  update: Update,
): Promise<Map<string, string>> {
  const storages = await loadStorages(session);
  const selection = new Set<string>();
  for (const key of update.reverts) {
    config.pending.keys.delete(key);
    removePendingDelete(config, key);
  }
  for (const key of update.deletes) {
    if (!config.head.keys.has(key) && !config.pending.keys.has(key)) {
      session.warn(`cannot delete '${key}' - not set in current configuration!`);
      continue;
    }
    selection.add(key);
    checkDelete(vmid, config, key);
    addPendingDelete(config, key);
  }
  for (const [key, given] of [...update.values].toSorted(([a], [b]) => byCode(a, b))) {
    selection.add(key);
    const value = await checkNew(session, vmid, config, storages, key, given);
    config.pending.keys.set(key, value);
    removePendingDelete(config, key);
  }
  cleanPending(config);
  const apply = isRunning ? hotplugPending : applyPending;
  return apply(session, vmid, config, storages, selection);
}

/** The weight of a control group goes up to 10000; the older kind's larger ones are cut. */
export function clampCpuUnits(value: string): string {
  return Number(value) > 10_000 ? '10000' : value;
}

function checkDelete(vmid: GuestId, config: Config, key: string): void {
  if (key === 'memory' || key === 'rootfs' || key === 'ostype') {
    throw new ToolError(`unable to delete required option '${key}'`);
  }
  if (/^(unused|mp)\d+$/.test(key)) checkProtection(config, `can't remove CT ${vmid} drive '${key}'`);
  if (key === 'unprivileged') throw new ToolError(`unable to delete read-only option: '${key}'`);
}

async function checkNew(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
  value: string,
): Promise<string> {
  if (/^mp\d+$/.test(key) || key === 'rootfs') {
    checkProtection(config, `can't update CT ${vmid} drive '${key}'`);
    const mount = parseVolume(key, value);
    if (mount.kind === 'volume') checkContents(storages, mount.volume);
  } else if (key === 'hookscript') {
    await checkHookScript(session, storages, value);
  } else if (key === 'nameserver' || key === 'searchdomain') {
    return splitList(value).join(' ');
  } else if (key === 'unprivileged') {
    throw new ToolError(`unable to modify read-only option: '${key}'`);
  } else if (key === 'tags') {
    return uniqueTags(value);
  } else if (/^net\d+$/.test(key)) {
    const fields = parseFields(FORMATS['net'] ?? {}, value);
    if (fields.has('mtu')) checkNic(session, await session.host.bridges(), key, fields);
  } else if (/^dev\d+$/.test(key)) {
    const path = parseFields(FORMATS['dev'] ?? {}, value).get('path');
    if (path === undefined) throw new ToolError('Path has to be defined');
    await refuseMissingDevice(session, path);
  }
  return value;
}

function checkContents(storages: StorageConfig, volume: string): void {
  const split = splitVolumeId(volume);
  if (split === undefined) throw new ToolError(`unable to parse volume ID '${volume}'`);
  const storage = findStorage(storages, split.storage);
  if (!contentsOf(storage).has('rootdir')) {
    throw new ToolError(`storage '${split.storage}' does not allow content type 'rootdir' (Container)`);
  }
}

/** Tags as Proxmox keeps them: lower case, sorted, each once. */
function uniqueTags(text: string): string {
  return [...new Set(splitList(text).map((tag) => tag.toLowerCase()))].toSorted(byCode).join(';');
}
