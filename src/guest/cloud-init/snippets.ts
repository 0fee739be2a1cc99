import type { DesiredGuest } from '../../model/desired.ts';
import type { Needs } from '../../model/node.ts';
import type { Observation, ObservedStorage } from '../../model/observation.ts';
import type { WriteOperation } from '../../model/operation.ts';
import type { GuestId } from '../../model/target.ts';
import { parseBoolean } from '../../pve/property-string.ts';
import { isOurDocument, type DocumentOwner } from './document-text.ts';

/** The documents of a VM's Cloud-Init, as `cicustom` calls them. */
export const DOCUMENTS = ['user', 'network', 'meta', 'vendor'] as const;
export type DocumentName = (typeof DOCUMENTS)[number];

/** What an observation must hold for whoever reads a VM's documents. */
export function snippetNeeds({ vmid, kind }: DesiredGuest): Partial<Needs> {
  return kind === 'vm' ? { snippetsOf: [vmid] } : {};
}

/** A document's file name on any storage. */
export function snippetName(vmid: GuestId, document: DocumentName): string {
  return `phoenix-${vmid}-${document}.yaml`;
}

/** Where a storage keeps a document. */
export function snippetPath(storage: ObservedStorage, vmid: GuestId, document: DocumentName): string {
  return `${storage.path ?? ''}/snippets/${snippetName(vmid, document)}`;
}

/** The storages of this node that take snippets and whose folder is known, in the order of storage.cfg. */
export function snippetStorages({ storages, nodeName }: Observation): readonly ObservedStorage[] {
  return [...storages.values()].filter(({ content, path, options }) => {
    const nodes = options.get('nodes')?.split(/[\s,;]+/);
    const isHere = nodes === undefined || nodes.includes(nodeName);
    const isOn = parseBoolean(options.get('disable') ?? '0') !== true;
    return isHere && isOn && content.includes('snippets') && path !== undefined && PLAIN.test(path);
  });
}

/** An observation reads files of plain names only. */
const PLAIN = /^\/[A-Za-z0-9._+@:/-]+$/;

/**
 * The operations that remove a VM's documents from the node, wherever they stand, for whoever destroys
 * it; of what an observation with `snippetNeeds` saw. Someone else's file of that name stays.
 */
export function forgetSnippets(
  { files = new Map() }: Observation,
  owner: DocumentOwner,
  asks: { readonly step: string; readonly changes: readonly string[] },
): readonly WriteOperation[] {
  const { vmid } = owner;
  const names = new Set(DOCUMENTS.map((document) => `/snippets/${snippetName(vmid, document)}`));
  return [...files].flatMap(([path, text]) => {
    if (!names.has(path.slice(path.lastIndexOf('/snippets/'))) || !isOurDocument(text, owner)) return [];
    return [{ ...asks, op: 'write', target: vmid, gates: [], in: 'node', path, content: null }];
  });
}
