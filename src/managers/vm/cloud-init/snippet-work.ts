import { createHash } from 'node:crypto';
import { reachable } from '../../../guest/cloud-init/acts-when.ts';
import { isSameValue } from '../../../guest/cloud-init/differences.ts';
import {
  isOurDocument,
  parseDocument,
  printDocument,
  type DocumentOwner,
} from '../../../guest/cloud-init/document-text.ts';
import { cloudInitDocuments, type Documents } from '../../../guest/cloud-init/documents.ts';
import { readInstance, type Instance } from '../../../guest/cloud-init/instance.ts';
import type { Document } from '../../../guest/cloud-init/merge.ts';
import { DOCUMENTS, snippetPath, type DocumentName } from '../../../guest/cloud-init/snippets.ts';
import type { ObservedStorage } from '../../../model/observation.ts';
import type { WriteOperation } from '../../../model/operation.ts';
import { Secret } from '../../../model/value.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { documentChange, leftChange } from './describe.ts';
import { foreignSnippet, onlyWithReseed, tooLarge, unmergeableNetwork } from './diagnostics.ts';
import {
  changeOf,
  effectOf,
  macsOf,
  NO_CLOUD_INIT_WORK,
  STEP,
  type CloudInitVm,
  type CloudInitWork,
} from './machine.ts';
import { customValue, type Place } from './place.ts';
import { wantedInstance } from './reseed.ts';

/**
 * The four documents as snippets, and `cicustom` that names them. Where the VM may have booted with
 * them, what acts only at a first boot stays as it is and is left, until it is reseeded or reverted.
 */
export function snippetWork(vm: CloudInitVm, place: Extract<Place, { kind: 'snippets' }>): CloudInitWork {
  const { storage, isInForce } = place;
  const owner = ownerOf(vm);
  const found = DOCUMENTS.map((name) => ({ name, text: textOf(vm, storage, name) }));
  const foreign = found.filter(({ text }) => text !== undefined && !isOurDocument(text, owner));
  if (foreign.length > 0 && !vm.consent.adopt) {
    const paths = foreign.map(({ name }) => pathOf(vm, storage, name));
    return { ...NO_CLOUD_INIT_WORK, diagnostics: [foreignSnippet(vm, paths)] };
  }
  if (hasOtherVersion(vm)) return { ...NO_CLOUD_INIT_WORK, diagnostics: [unmergeableNetwork(vm)] };
  const before = readInstance(documentIn(found.find(({ name }) => name === 'meta')?.text, owner));
  const instance = wantedInstance(vm, before);
  const wanted = documentsOf(vm, instance);
  // The likeliest of all, which need not be read as YAML.
  const isDone = isInForce && found.every(({ name, text }) => text === textFor(vm, wanted, name));
  if (isDone) return NO_CLOUD_INIT_WORK;
  const there = new Map(found.map(({ name, text }) => [name, documentIn(text, owner)]));
  const hasBooted = isInForce && before !== undefined && before.generation === instance.generation;
  const { documents, left } = hasBooted ? within(there, wanted) : { documents: wanted, left: [] };
  const parts = DOCUMENTS.flatMap((name) => {
    const old = there.get(name);
    const text = textFor(vm, documents, name);
    if (old && isSameValue(old, parseDocument(text))) return [];
    const change = documentChange(vm, {
      name,
      before: old,
      after: documents[name],
      path: pathOf(vm, storage, name),
    });
    const write = writeOf(vm, { name, storage, attribute: change.attribute, text, instance, left });
    return [{ name, change, write, isLarge: Buffer.byteLength(text) > MOST_BYTES }];
  });
  const large = parts.filter(({ isLarge }) => isLarge).map(({ name }) => name);
  if (large.length > 0) return { ...NO_CLOUD_INIT_WORK, diagnostics: [tooLarge(vm, large)] };
  return {
    ...NO_CLOUD_INIT_WORK,
    changes: [...parts.map(({ change }) => change), ...(left.length > 0 ? [leftChange(vm, left)] : [])],
    before: parts.map(({ write }) => write),
    differences: isInForce ? [] : [customDifference(vm, storage)],
    diagnostics: left.length > 0 ? [onlyWithReseed(vm, left)] : [],
  };
}

/** What Proxmox reads of a snippet (PVE::QemuServer::Cloudinit). */
const MOST_BYTES = 1024 ** 2;

function within(
  there: ReadonlyMap<DocumentName, Document | undefined>,
  wanted: Documents,
): { readonly documents: Documents; readonly left: readonly string[] } {
  const user = reachable(there.get('user') ?? wanted.user, wanted.user);
  const vendor = reachable(there.get('vendor') ?? wanted.vendor, wanted.vendor);
  return {
    documents: { ...wanted, user: user.document, vendor: vendor.document },
    left: [...user.left, ...vendor.left.map((key) => `${key} (vendor-data)`)],
  };
}

function documentsOf(vm: CloudInitVm, instance: Instance): Documents {
  const { desired, folder } = vm;
  const source = desired.cloneFrom && folder.guests.get(desired.cloneFrom.vmid);
  return cloudInitDocuments({
    desired,
    folderId: folder.folderId,
    macs: macsOf(vm),
    instance,
    hasAgent: source?.kind === 'vm' && source.agent,
  });
}

function ownerOf({ folder, guest }: CloudInitVm): DocumentOwner {
  return { folderId: folder.folderId, vmid: guest.vmid };
}

function textOf(vm: CloudInitVm, storage: ObservedStorage, name: DocumentName): string | undefined {
  return vm.observed.node.files?.get(pathOf(vm, storage, name));
}

function pathOf({ guest }: CloudInitVm, storage: ObservedStorage, name: DocumentName): string {
  return snippetPath(storage, guest.vmid, name);
}

function documentIn(text: string | undefined, owner: DocumentOwner): Document | undefined {
  return text !== undefined && isOurDocument(text, owner) ? parseDocument(text) : undefined;
}

type Write = {
  readonly name: DocumentName;
  readonly storage: ObservedStorage;
  readonly attribute: string;
  readonly text: string;
  readonly instance: Instance;
  readonly left: readonly string[];
};

/*
 * Whole documents are kept secret: a password's hash may stand in any of them. The reference tells
 * apart what was made of other definitions, without telling anything of a secret; and as a plan can't
 * know the MACs that the node will invent, it tells nothing of them.
 */
function writeOf(vm: CloudInitVm, { name, storage, attribute, text, instance, left }: Write): WriteOperation {
  const { vmid } = vm.guest;
  const { cloudInit, nics, agent } = vm.desired;
  const digest = createHash('sha256')
    .update(
      JSON.stringify([
        vm.folder.folderId,
        name,
        cloudInit,
        nics,
        [...macsOf(vm).keys()],
        agent,
        instance,
        left,
      ]),
    )
    .digest('hex');
  return {
    op: 'write',
    target: vmid,
    step: STEP,
    changes: [attribute],
    gates: [],
    in: 'node',
    path: pathOf(vm, storage, name),
    content: new Secret(`cloud-init:${vmid}/${name}@${digest.slice(0, 16)}`, () => text),
    mode: 0o600,
  };
}

function textFor(vm: CloudInitVm, documents: Documents, name: DocumentName): string {
  return printDocument(documents[name], ownerOf(vm), name === 'user' || name === 'vendor');
}

function customDifference(vm: CloudInitVm, storage: ObservedStorage) {
  const value = customValue(storage, vm.guest.vmid);
  const found = effectiveKeys(vm.guest.config).get('cicustom');
  const source = found === undefined ? undefined : /snippets\/phoenix-(\d+)-/.exec(found)?.[1];
  const before = source === undefined ? found : `the documents of ${source}`;
  const said = {
    attribute: 'cicustom',
    before,
    after: `its documents on ${storage.id}`,
    effect: effectOf(vm),
  };
  return { change: changeOf(vm, said), action: { kind: 'set', key: 'cicustom', value } } as const;
}

function hasOtherVersion({ desired }: CloudInitVm): boolean {
  const template = desired.cloudInit.templates.networkConfig;
  const inner = template?.['network'] ?? template;
  if (typeof inner !== 'object' || inner === null || !('version' in inner)) return false;
  return inner.version !== 2 && inner.version !== '2';
}
