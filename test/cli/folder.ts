import type { DesiredGuest, Folder } from '../../src/model/desired.ts';

export { container } from '../desired-container.ts';

export { machine } from '../desired-vm.ts';

/** A folder of these guests. */
export function folderOf(...guests: readonly DesiredGuest[]): Folder {
  return {
    path: '/folder',
    folderId: 'phoenix',
    hypervisor: { settings: {} },
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
  };
}
