import { byCode } from '../call/lists.ts';
import type { Config } from './config.ts';

/** The keys that wait to be deleted. */
export function pendingDeletes(config: Config): Set<string> {
  const text = config.pending.keys.get('delete') ?? '';
  return new Set(
    text
      .split(/[,;\s]+/)
      .map((key) => key.replace(/^!/, ''))
      .filter((key) => key !== ''),
  );
}

export function addPendingDelete(config: Config, key: string): void {
  writeDeletes(config, new Set([...pendingDeletes(config), key]));
}

export function removePendingDelete(config: Config, key: string): void {
  const deletes = pendingDeletes(config);
  if (deletes.delete(key)) writeDeletes(config, deletes);
}

/** Drops what would change nothing: values that are so already, deletions of what is not set. */
export function cleanPending(config: Config): void {
  for (const [key, value] of config.pending.keys) {
    if (key !== 'delete' && config.head.keys.get(key) === value) config.pending.keys.delete(key);
  }
  writeDeletes(config, new Set([...pendingDeletes(config)].filter((key) => config.head.keys.has(key))));
}

function writeDeletes(config: Config, deletes: ReadonlySet<string>): void {
  if (deletes.size === 0) config.pending.keys.delete('delete');
  else config.pending.keys.set('delete', [...deletes].toSorted(byCode).join(','));
}
