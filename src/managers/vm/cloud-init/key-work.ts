import { passwordHash } from '../../../guest/cloud-init/password-hash.ts';
import type { DesiredVmNic } from '../../../model/desired.ts';
import type { Operation, WriteOperation } from '../../../model/operation.ts';
import { Secret, type Value } from '../../../model/value.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { isSameProperty, parseProperties } from '../../../pve/property-string.ts';
import type { Difference } from '../../guest/difference.ts';
import { saidByKeysOnly } from './diagnostics.ts';
import {
  changeOf,
  effectOf,
  NO_CLOUD_INIT_WORK,
  STEP,
  type CloudInitVm,
  type CloudInitWork,
} from './machine.ts';

/**
 * Cloud-Init by Proxmox's own keys, for a node without a storage for snippets: one user, addresses, DNS,
 * whether packages are upgraded. A notice says what they can't.
 */
export function keyWork(vm: CloudInitVm, hasSnippets: boolean): CloudInitWork {
  const keys = effectiveKeys(vm.guest.config);
  const differing = wantedKeys(vm).filter(({ key, text }) => !isSame(key, keys.get(key), text));
  const differences = differing.map(({ key, text, value }): Difference => {
    const isHidden = value instanceof Secret;
    const show = (one: string | undefined) => (one === undefined || !isHidden ? one : '•••');
    const said = {
      attribute: key,
      before: show(plain(key, keys.get(key))),
      after: show(plain(key, text)),
      effect: effectOf(vm),
    };
    return { change: changeOf(vm, said), action: { kind: 'set', key, value } };
  });
  const sshKeys = differing.find(({ key }) => key === 'sshkeys');
  const unsaid = unsaidBy(vm);
  return {
    ...NO_CLOUD_INIT_WORK,
    before: sshKeys ? [keyFile(vm, decodeURIComponent(sshKeys.text))] : [],
    differences,
    after: sshKeys ? [keyFile(vm, null)] : [],
    diagnostics: [saidByKeysOnly(vm, { unsaid, hasSnippets })],
  };
}

type WantedKey = {
  readonly key: string;
  /** As the configuration holds it. */
  readonly text: string;
  /** As `qm set` takes it. */
  readonly value: Value;
};

function wantedKeys(vm: CloudInitVm): readonly WantedKey[] {
  const { desired, folder } = vm;
  const { users, nameservers = [], searchDomain, upgradesPackages } = desired.cloudInit;
  const [user] = users;
  // Of one that was taken over, what the folder does not mention stays.
  const isMade = desired.image !== undefined || desired.cloneFrom !== undefined;
  const hash = user && passwordHash(user, { folderId: folder.folderId, vmid: desired.vmid });
  const reference =
    user?.password?.reference ??
    (user?.passwordHash instanceof Secret ? user.passwordHash.reference : 'hash');
  const same = (key: string, text: string): WantedKey => ({ key, text, value: text });
  return [
    ...(user ? [same('ciuser', user.name)] : []),
    ...(hash === undefined
      ? []
      : [{ key: 'cipassword', text: hash, value: new Secret(reference, () => hash) }]),
    ...(user && user.sshKeys.length > 0
      ? [{ key: 'sshkeys', text: encodeURIComponent(`${user.sshKeys.join('\n')}\n`), value: keyPath(vm) }]
      : []),
    ...desired.nics.flatMap((nic) => {
      const text = addressOf(nic) || (isMade ? 'ip=dhcp' : '');
      return text === '' ? [] : [same(nic.slot.replace(/^net/, 'ipconfig'), text)];
    }),
    ...(nameservers.length > 0 ? [same('nameserver', nameservers.join(' '))] : []),
    ...(searchDomain === undefined ? [] : [same('searchdomain', searchDomain)]),
    ...(upgradesPackages || isMade ? [same('ciupgrade', upgradesPackages ? '1' : '0')] : []),
  ];
}

function addressOf({ ip, gateway, ip6, gateway6 }: DesiredVmNic): string {
  const parts = { ip, gw: gateway, ip6, gw6: gateway6 };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(',');
}

function isSame(key: string, found: string | undefined, wanted: string): boolean {
  if (found === undefined) return false;
  if (key === 'sshkeys') return plain(key, found)?.trim() === plain(key, wanted)?.trim();
  if (key === 'ciupgrade') return isSameProperty(key, found, wanted);
  if (!key.startsWith('ipconfig')) return found === wanted;
  const [one, other] = [parseProperties(found), parseProperties(wanted)];
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

function plain(key: string, text: string | undefined): string | undefined {
  if (text === undefined || key !== 'sshkeys') return text;
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return text;
  }
}

/** `qm set --sshkeys` reads them from a file. */
function keyFile(vm: CloudInitVm, content: string | null): WriteOperation {
  const common: Omit<Extract<Operation, { op: 'write' }>, 'content'> = {
    op: 'write',
    target: vm.guest.vmid,
    step: STEP,
    changes: content === null ? [] : ['sshkeys'],
    gates: [],
    in: 'node',
    path: keyPath(vm),
  };
  return { ...common, content, ...(content !== null && { mode: 0o600 }) };
}

function keyPath({ guest }: CloudInitVm): string {
  return `/run/phoenix-sshkeys-${guest.vmid}`;
}

/** What of the folder's words they can't say. */
function unsaidBy({ desired: { cloudInit, name } }: CloudInitVm): readonly string[] {
  const {
    users,
    hostname,
    fqdn,
    searchDomain,
    timezone,
    packages,
    files,
    nfsMounts,
    runCommands,
    templates,
  } = cloudInit;
  const [user, ...others] = users;
  // Proxmox makes them of its own name for the VM (PVE::QemuServer::Cloudinit).
  const [label = name] = name.split('.');
  const full = label === name && searchDomain !== undefined ? `${name}.${searchDomain}` : name;
  return [
    ...others.map(({ name }) => `the user ${name}`),
    ...(user && user.groups.length > 0 ? [`the groups of ${user.name}`] : []),
    ...(user?.shell === undefined ? [] : [`the shell of ${user.name}`]),
    ...(hostname === label ? [] : ['a host name that is not its name']),
    ...(fqdn === undefined || fqdn === full ? [] : ['the full host name']),
    ...(timezone === undefined ? [] : ['the timezone']),
    ...(packages.length > 0 ? ['packages'] : []),
    ...(files.length > 0 ? ['files'] : []),
    ...(nfsMounts.length > 0 ? ['NFS mounts'] : []),
    ...(runCommands.length > 0 ? ['commands'] : []),
    ...(Object.keys(templates).length > 0 ? ['templates of your own'] : []),
  ];
}
