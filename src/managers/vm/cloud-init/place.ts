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
  /** It has booted without anything of ours: to be told now would make its next boot a first one. */
  | { readonly kind: 'too-late' }
  /** The same, and the folder has nothing to tell it. */
  | { readonly kind: 'nothing-to-say' };

/** The way that disturbs least: what it has booted with; where it has not booted, documents if it can have them. */
export function placeOf(vm: CloudInitVm): Place {
  const storages = snippetStorages(vm.observed.node);
  const keys = effectiveKeys(vm.guest.config);
  const named = parseProperties(keys.get('cicustom') ?? '');
  const inForce = storages.find((storage) =>
    DOCUMENTS.every((document) => named.get(document) === volumeOf(storage, vm.guest.vmid, document)),
  );
  if (inForce) return { kind: 'snippets', storage: inForce, isInForce: true };
  const [first] = storages;
  if (reseedOf(vm) === undefined) {
    if (hasOwn(vm, keys, OWN_KEYS)) return { kind: 'keys', hasSnippets: first !== undefined };
    if (mayHaveBooted(vm, keys)) return { kind: hasWords(vm) ? 'too-late' : 'nothing-to-say' };
  }
  return first
    ? { kind: 'snippets', storage: first, isInForce: false }
    : { kind: 'keys', hasSnippets: false };
}

/** The value of `cicustom` that names all documents on a storage. */
export function customValue(storage: ObservedStorage, vmid: number): string {
  return DOCUMENTS.map((document) => `${document}=${volumeOf(storage, vmid, document)}`).join(',');
}

function volumeOf({ id }: ObservedStorage, vmid: number, document: (typeof DOCUMENTS)[number]): string {
  return `${id}:snippets/${snippetName(vmid, document)}`;
}

const OWN_KEYS = /^(?:ciuser|cipassword|sshkeys|ipconfig\d+)$/;
const CUSTOM = /^cicustom$/;

/** Has it such keys of its own? A clone has its source's until it gets others. */
function hasOwn(
  { desired, observed }: CloudInitVm,
  keys: ReadonlyMap<string, string>,
  which: RegExp,
): boolean {
  const source = desired.cloneFrom && observed.node.guests.get(desired.cloneFrom.vmid)?.config.head.keys;
  return [...keys].some(([key, text]) => which.test(key) && source?.get(key) !== text);
}

/** One that the folder can't have made was taken over as it was. */
function mayHaveBooted(vm: CloudInitVm, keys: ReadonlyMap<string, string>): boolean {
  const { guest, desired } = vm;
  const isMade = desired.image !== undefined || desired.cloneFrom !== undefined;
  const isOthers = hasOwn(vm, keys, CUSTOM) && !/snippets\/phoenix-\d+-/.test(keys.get('cicustom') ?? '');
  return guest.running || !isMade || isOthers;
}

/** Every VM has a host name; has the folder anything else for it? */
function hasWords({ desired }: CloudInitVm): boolean {
  const { hostname: _, fqdn: __, upgradesPackages, templates, ...rest } = desired.cloudInit;
  const said = Object.values(rest).some((value) => value !== undefined && value.length > 0);
  const hasAddress = desired.nics.some(({ ip, ip6 }) => (ip ?? ip6) !== undefined);
  return said || upgradesPackages || hasAddress || Object.keys(templates).length > 0;
}
