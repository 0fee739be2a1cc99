import { pendingDeletes, pendingKeys } from '../../pve/effective.ts';
import { recordOf } from '../guest/input.ts';
import { joinRecords } from '../guest/keep-record.ts';
import { waitingKeys } from './differences/keys.ts';
import type { PresentVm } from './input.ts';
import { wantedRecord } from './record.ts';
import { waitingDocuments } from './waiting-documents.ts';

/**
 * What of the folder's wishes waits for the next start of a running VM, for people. What someone else
 * made wait there is theirs and asks for no restart.
 */
export function waitingChanges(input: PresentVm): readonly string[] {
  const { guest, desired, observed } = input;
  if (!guest.running) return [];
  return [...waitingKeys(input), ...waitingSlots(input), ...waitingDocuments(desired, guest, observed.node)];
}

function waitingSlots(input: PresentVm): readonly string[] {
  const { guest, folder, desired } = input;
  const ours = joinRecords(recordOf(guest, folder.folderId), wantedRecord(input));
  const names = new Map([
    ...(ours.disks ?? []).map((slot) => [slot, 'disk'] as const),
    ...(desired.bios === 'ovmf' ? [['efidisk0', 'disk'] as const] : []),
    ...ours.nics.map((slot) => [slot, 'nic'] as const),
    ...(ours.pciDevices ?? []).map((slot) => [slot, 'pci device'] as const),
  ]);
  const deleted = pendingDeletes(guest.config);
  return [...pendingKeys(guest.config)].flatMap((key) => {
    const what = names.get(key);
    return what === undefined ? [] : [`${what} ${key}${deleted.has(key) ? ' goes' : ''}`];
  });
}
