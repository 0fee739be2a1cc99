import type { DesiredCloudInit, DesiredVm } from '../../model/desired.ts';
import { instanceId, type Instance } from './instance.ts';
import { mergeDocuments, type Document } from './merge.ts';
import { networkConfig, withOwnNics } from './network-config.ts';
import { userData } from './user-data.ts';

/** A machine whose documents are made. */
export type DocumentsInput = {
  readonly desired: DesiredVm & { readonly cloudInit: DesiredCloudInit };
  readonly folderId: string;
  /** MAC addresses of its NICs by slot; a NIC without one can't be matched and is left out. */
  readonly macs: ReadonlyMap<string, string>;
  readonly instance: Instance;
  /** Does what it is cloned from have the guest agent already? */
  readonly hasAgent: boolean;
};

/** The four documents of NoCloud, named as `cicustom` names them. */
export type Documents = {
  readonly user: Document;
  readonly network: Document;
  readonly meta: Document;
  readonly vendor: Document;
};

/**
 * What a machine's Cloud-Init is told: what the folder says, with the user's own templates merged into
 * it as documents. The same input gives the same documents. The user-data may hold password hashes.
 */
export function cloudInitDocuments(input: DocumentsInput): Documents {
  const { desired, folderId, instance } = input;
  const { hostname, templates } = desired.cloudInit;
  const network = networkConfig(input);
  return {
    user: mergeDocuments(userData(input), templates.userData),
    network: withOwnNics(mergeDocuments(network, unwrapped(templates.networkConfig)), network),
    meta: {
      'instance-id': instanceId(folderId, desired.vmid, instance),
      'local-hostname': hostname,
      phoenix: instance,
    },
    vendor: templates.vendorData ?? {},
  };
}

/** A network-config may stand under a key `network`, as netplan has it. */
function unwrapped(template: Document | undefined): Document | undefined {
  const inner = template?.['network'];
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as Document)
    : template;
}
