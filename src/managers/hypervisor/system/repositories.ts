import type { ObservedRepository } from '../../../model/observed-host.ts';
import type { Operation } from '../../../model/operation.ts';
import { withRepository } from '../../../pve/host/repositories.ts';
import type { HostInput, Part } from '../part.ts';
import { system } from './operations.ts';

/**
 * Proxmox's package repositories: without a subscription the enterprise ones off and no-subscription
 * on. Only entries of Proxmox's are touched, each by itself; everything else in the files stays.
 */
export function repositories({ desired, observed }: HostInput): Part {
  const { node } = observed;
  const found = node.host?.repositories;
  const about = node.host?.system;
  if (!desired.repositories || !node.hasProxmox || !found || !about) return {};
  const wantsEnterprise =
    desired.repositories === 'enterprise' ||
    (desired.repositories === 'by-subscription' && about.hasSubscription);
  const switches: Switch[] = [];
  const enterprise = found.filter(({ uris }) => uris.every(isEnterprise));
  if (!wantsEnterprise) {
    for (const entry of enterprise) if (entry.enabled) switches.push({ entry, enabled: false });
  } else if (desired.repositories === 'enterprise') {
    const own = enterprise.filter((entry) => isFor(entry, 'pve-enterprise', about.suite));
    const [first] = own;
    if (first && own.every(({ enabled }) => !enabled)) switches.push({ entry: first, enabled: true });
  }
  const free = found.filter((entry) => isFor(entry, 'pve-no-subscription', about.suite));
  const isMissing = !wantsEnterprise && free.every(({ enabled }) => !enabled);
  const [known] = free;
  if (isMissing && known) switches.push({ entry: known, enabled: true });
  const isNew = isMissing && !known;
  return {
    changes: [
      ...switches.map(({ entry, enabled }) =>
        system.change(attributeOf(entry), enabled ? 'off' : 'on', enabled ? 'on' : 'off'),
      ),
      ...(isNew ? [system.change(NEW, undefined, 'on')] : []),
    ],
    operations: [...fileWrites(switches, node.files ?? new Map()), ...(isNew ? [newFile(about.suite)] : [])],
  };
}

type Switch = { readonly entry: ObservedRepository; readonly enabled: boolean };

const NEW = 'repository pve-no-subscription';

function isEnterprise(uri: string): boolean {
  return /^https?:\/\/enterprise\.proxmox\.com\//.test(uri);
}

function isFor({ types, suites, components }: ObservedRepository, component: string, suite: string): boolean {
  return types.includes('deb') && components.includes(component) && suites.includes(suite);
}

function attributeOf({ file, components, suites, index }: ObservedRepository): string {
  return `repository ${components.join(' ')} ${suites.join(' ')} (${file.split('/').at(-1)}, entry ${index + 1})`;
}

/** One write a file: its entries from the last to the first, so that places stay true. */
function fileWrites(switches: readonly Switch[], files: ReadonlyMap<string, string>): readonly Operation[] {
  const paths = [...new Set(switches.map(({ entry }) => entry.file))];
  return paths.map((path) => {
    const own = switches.filter(({ entry }) => entry.file === path);
    const ordered = own.toSorted((one, other) => other.entry.index - one.entry.index);
    const text = ordered.reduce(
      (so, { entry, enabled }) => withRepository(so, entry, enabled),
      files.get(path) ?? '',
    );
    return system.write(
      own.map(({ entry }) => attributeOf(entry)),
      path,
      text,
      0o644,
    );
  });
}

/** Suites before this one have the key among apt's trusted ones and know lists of lines only. */
const LINE_SUITES = new Set(['buster', 'bullseye', 'bookworm']);

function newFile(suite: string): Operation {
  const folder = '/etc/apt/sources.list.d';
  const uri = 'http://download.proxmox.com/debian/pve';
  if (LINE_SUITES.has(suite)) {
    const line = `deb ${uri} ${suite} pve-no-subscription\n`;
    return system.write([NEW], `${folder}/phoenix-pve-no-subscription.list`, line, 0o644);
  }
  const stanza = `Types: deb
URIs: ${uri}
Suites: ${suite}
Components: pve-no-subscription
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg
`;
  return system.write([NEW], `${folder}/phoenix-pve-no-subscription.sources`, stanza, 0o644);
}
