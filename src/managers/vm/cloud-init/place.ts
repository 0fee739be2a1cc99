import { DOCUMENTS, snippetName, snippetStorages } from '../../../guest/cloud-init/snippets.ts';
import type { ObservedStorage } from '../../../model/observation.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { parseProperties } from '../../../pve/property-string.ts';
import { reseedOf } from './reseed.ts';
import type { CloudInitVm } from './machine.ts';

/** How a VM's Cloud-Init is told what the folder says. */
export type Place =
  /** By documents. `isInForce`: its configuration names them already, so it may have booted with them. */
  | { readonly kind: 'snippets'; readonly storage: ObservedStorage; readonly isInForce: boolean }
  /** By Proxmox's own keys. */
  | { readonly kind: 'keys'; readonly hasSnippets: boolean }
  /** It runs and has booted without anything of ours: documents would make its next boot a first one. */
  | { readonly kind: 'too-late' };

/** The way that disturbs least: what it has booted with, documents where it has not. */
export function placeOf(vm: CloudInitVm): Place {
  const storages = snippetStorages(vm.observed.node);
  const keys = effectiveKeys(vm.guest.config);
  const named = parseProperties(keys.get('cicustom') ?? '');
  const inForce = storages.find((storage) =>
    DOCUMENTS.every((document) => named.get(document) === volumeOf(storage, vm.guest.vmid, document)),
  );
  if (inForce) return { kind: 'snippets', storage: inForce, isInForce: true };
  const [first] = storages;
  if (!first) return { kind: 'keys', hasSnippets: false };
  if (!vm.guest.running || reseedOf(vm) !== undefined) {
    return { kind: 'snippets', storage: first, isInForce: false };
  }
  const hasKeys = [...keys.keys()].some((key) => /^(?:ciuser|ipconfig\d+)$/.test(key));
  return hasKeys ? { kind: 'keys', hasSnippets: true } : { kind: 'too-late' };
}

/** The value of `cicustom` that names all documents on a storage. */
export function customValue(storage: ObservedStorage, vmid: number): string {
  return DOCUMENTS.map((document) => `${document}=${volumeOf(storage, vmid, document)}`).join(',');
}

function volumeOf({ id }: ObservedStorage, vmid: number, document: (typeof DOCUMENTS)[number]): string {
  return `${id}:snippets/${snippetName(vmid, document)}`;
}
