import type { ExpectedStorage } from './expected-storages.ts';

/** An entry of `storage.cfg`, as Proxmox prints it. */
export function storageEntry(storage: ExpectedStorage): string {
  const place = storage.type === 'zfspool' ? 'pool' : 'path';
  return `${storage.type}: ${storage.id}\n\t${place} ${storage.path}\n\tcontent ${storage.content}\n\n`;
}
