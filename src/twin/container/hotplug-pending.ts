import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { preparePendingMount } from './apply-pending.ts';
import { writeConfig, type Config } from './config.ts';
import { freeOwn } from './disks.ts';
import { refuseMissingBridge } from './lxc-config.ts';
import { completeNic, printNic } from './nics.ts';
import { nicOf } from './launch.ts';
import { pendingDeletes, removePendingDelete } from './pending.ts';
import { isInUse } from './volumes.ts';

/** Settings that need nothing done to a running container. */
const FAST = new Set([
  'description',
  'onboot',
  'startup',
  'protection',
  'hostname',
  'hookscript',
  'cores',
  'tags',
  'lock',
]);

/**
 * Applies to a running container what can be: the keys of `selection` that Proxmox hotplugs. The
 * rest stays pending. What fails is complained about under its key.
 */
export async function hotplugPending(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  selection: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  const { head, pending } = config;
  const attempt = async (key: string, code: () => Promise<boolean>, done: () => void): Promise<void> => {
    try {
      if (await code()) done();
    } catch (error) {
      if (!isComplaint(error)) throw error;
      errors.set(key, `unable to hotplug ${key}: ${messageOf(error)}\n`);
    }
  };
  for (const key of pending.keys.keys()) {
    if (!selection.has(key) || !FAST.has(key)) continue;
    head.keys.set(key, pending.keys.get(key) ?? '');
    pending.keys.delete(key);
  }
  for (const key of [...pendingDeletes(config)].toSorted(byCode)) {
    if (!selection.has(key)) continue;
    await attempt(
      key,
      () => unplug(session, vmid, config, storages, key),
      () => {
        head.keys.delete(key);
        removePendingDelete(config, key);
      },
    );
  }
  let isMemoryDone = false;
  for (const key of [...pending.keys.keys()].toSorted(byCode)) {
    if (key === 'delete' || !selection.has(key)) continue;
    await attempt(
      key,
      async () => {
        const isMemory = key === 'memory' || key === 'swap';
        if (isMemory && isMemoryDone) return true;
        isMemoryDone ||= isMemory;
        return plug(session, vmid, config, storages, key);
      },
      () => {
        const value = pending.keys.get(key) ?? '';
        head.keys.set(key, value);
        pending.keys.delete(key);
      },
    );
  }
  return errors;
}

async function unplug(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
): Promise<boolean> {
  const { guests } = session.host;
  const value = config.head.keys.get(key) ?? '';
  if (FAST.has(key)) return true;
  if (/^unused\d+$/.test(key)) {
    if (!isInUse(config, value)) await freeOwn(session, storages, vmid, value);
  } else if (key === 'swap') {
    await guests.hotplug(vmid, { kind: 'memory', memoryMiB: memoryOf(config, 'memory'), swapMiB: 0 });
  } else if (key === 'cpulimit') {
    await guests.hotplug(vmid, { kind: 'cpu', cpulimit: 0 });
  } else if (key === 'cpuunits') {
    await guests.hotplug(vmid, { kind: 'cpu', cpuunits: 1024 });
  } else if (/^net\d$/.test(key)) {
    const nic = nicOf(vmid, Number(key.slice(3)), value);
    await guests.hotplug(vmid, { kind: 'remove-nic', nic });
  } else return false;
  return true;
}

async function plug(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
): Promise<boolean> {
  const { guests } = session.host;
  const value = config.pending.keys.get(key) ?? '';
  if (key === 'cpulimit') await guests.hotplug(vmid, { kind: 'cpu', cpulimit: Number(value) });
  else if (key === 'cpuunits') await guests.hotplug(vmid, { kind: 'cpu', cpuunits: Number(value) });
  else if (key === 'memory' || key === 'swap') {
    const [memoryMiB, swapMiB] = [memoryOf(config, 'memory'), memoryOf(config, 'swap')];
    await guests.hotplug(vmid, { kind: 'memory', memoryMiB, swapMiB });
  } else if (/^net\d+$/.test(key)) await plugNic(session, vmid, config, key, value);
  else if (/^mp\d+$/.test(key)) {
    if (config.head.keys.has(key)) return false;
    await preparePendingMount(session, vmid, config, storages, key, true);
  } else return false;
  return true;
}

async function plugNic(
  session: Session,
  vmid: GuestId,
  config: Config,
  key: string,
  value: string,
): Promise<void> {
  const before = config.head.keys.get(key);
  const completed = await completeNic(session, value);
  const bridge = completed.get('bridge');
  if (bridge === undefined) throw new ToolError('unable to get bridge setting');
  refuseMissingBridge(session, await session.host.bridges(), bridge);
  config.pending.keys.set(key, printNic(completed));
  const index = Number(key.slice(3));
  const nic = nicOf(vmid, index, config.pending.keys.get(key) ?? '');
  const old = before === undefined ? undefined : nicOf(vmid, index, before).fields;
  const isReplaced =
    old !== undefined && (old['hwaddr'] !== nic.fields['hwaddr'] || old['name'] !== nic.fields['name']);
  if (isReplaced) {
    config.head.keys.delete(key);
    await writeConfig(session, vmid, config);
  }
  await session.host.guests.hotplug(vmid, { kind: 'nic', nic, before: old });
  // A NIC that is plugged stands in the file even where a later key is refused.
  config.head.keys.set(key, printNic(new Map([...completed].filter(([name]) => PLUGGED.has(name)))));
  await writeConfig(session, vmid, config);
}

/** What of a NIC is written as soon as it is plugged. */
const PLUGGED = new Set('type name hwaddr bridge tag firewall link_down ip gw ip6 gw6'.split(' '));

function memoryOf(config: Config, key: 'memory' | 'swap'): number {
  return Number(config.pending.keys.get(key) ?? config.head.keys.get(key) ?? 512);
}
