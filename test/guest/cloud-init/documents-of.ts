import {
  cloudInitDocuments,
  type Documents,
  type DocumentsInput,
} from '../../../src/guest/cloud-init/documents.ts';
import { printDocument } from '../../../src/guest/cloud-init/document-text.ts';
import { FIRST_INSTANCE } from '../../../src/guest/cloud-init/instance.ts';
import type { DesiredCloudInit, DesiredVm } from '../../../src/model/desired.ts';
import { cloudInit, machine } from '../../desired-vm.ts';

export const FOLDER_ID = 'phoenix';

export type Described = {
  readonly vm?: Partial<DesiredVm>;
  readonly cloudInit?: Partial<DesiredCloudInit>;
  readonly more?: Partial<Omit<DocumentsInput, 'desired'>>;
};

/** The documents of machine 8101 in the folder `phoenix`; NIC `netN` has the MAC `02:00:00:00:00:0N`. */
export function documentsOf({ vm = {}, cloudInit: init = {}, more = {} }: Described): Documents {
  const desired = { ...machine(8101, vm), cloudInit: cloudInit(init) };
  const macs = new Map(desired.nics.map(({ slot }) => [slot, `02:00:00:00:00:0${slot.slice(3)}`]));
  return cloudInitDocuments({
    desired,
    folderId: FOLDER_ID,
    macs,
    instance: FIRST_INSTANCE,
    hasAgent: false,
    ...more,
  });
}

/** The four texts, as they are written. */
export function textsOf(documents: Documents): Record<keyof Documents, string> {
  const owner = { folderId: FOLDER_ID, vmid: 8101 };
  return {
    user: printDocument(documents.user, owner, true),
    network: printDocument(documents.network, owner, false),
    meta: printDocument(documents.meta, owner, false),
    vendor: printDocument(documents.vendor, owner, true),
  };
}
