import { byCode, splitList } from '../call/lists.ts';
import type { MachineConfig } from './config.ts';

/** The keys that wait to be deleted; true for those whose volume shall go too. */
export function pendingMachineDeletes(config: MachineConfig): Map<string, boolean> {
  const words = splitList(config.pending.keys.get('delete') ?? '');
  return new Map(words.map((word) => [word.replace(/^!/, ''), word.startsWith('!')]));
}

export function addMachineDelete(config: MachineConfig, key: string, force: boolean): void {
  writeDeletes(config, new Map([...pendingMachineDeletes(config), [key, force]]));
}

export function removeMachineDelete(config: MachineConfig, key: string): void {
  const deletes = pendingMachineDeletes(config);
  if (deletes.delete(key)) writeDeletes(config, deletes);
}

/** Drops what would change nothing: values that are so already, deletions of what is not set. */
export function cleanMachinePending(config: MachineConfig): void {
  for (const [key, value] of config.pending.keys) {
    if (key !== 'delete' && config.head.keys.get(key) === value) config.pending.keys.delete(key);
  }
  const deletes = [...pendingMachineDeletes(config)].filter(([key]) => config.head.keys.has(key));
  writeDeletes(config, new Map(deletes));
}

/** The settings as they will be once all that is pending is so. */
export function mergePending(config: MachineConfig): Map<string, string> {
  const keys = new Map(config.head.keys);
  for (const [key, value] of config.pending.keys) if (key !== 'delete') keys.set(key, value);
  for (const key of pendingMachineDeletes(config).keys()) keys.delete(key);
  return keys;
}

function writeDeletes(config: MachineConfig, deletes: ReadonlyMap<string, boolean>): void {
  const words = [...deletes]
    .toSorted(([a], [b]) => byCode(a, b))
    .map(([key, force]) => (force ? `!${key}` : key));
  if (words.length === 0) config.pending.keys.delete('delete');
  else config.pending.keys.set('delete', words.join(','));
}
