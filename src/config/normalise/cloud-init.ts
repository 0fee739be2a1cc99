import type { DesiredCloudInit, DesiredNfsMount } from '../../model/desired.ts';
import type { RawVm } from '../raw-guest.ts';
import type { Templates } from '../templates.ts';
import { cloudInitFilesOf } from './cloud-init-files.ts';
import { cloudInitTemplatesOf } from './cloud-init-templates.ts';
import { usersOf } from './cloud-init-users.ts';
import { nameserversOf } from './container.ts';
import type { NormaliseContext } from './guest-common.ts';
import { withoutTrailingSlash } from './trailing-slash.ts';

export type CloudInitContext = Pick<NormaliseContext, 'findings' | 'assets' | 'secrets'> & {
  readonly templates: Templates;
  /** `domain_name` of the hypervisor's file. */
  readonly domain: string | undefined;
};

/**
 * What Cloud-Init is told; undefined for a VM that asks for nothing and whose operating system does not
 * know it, or that nobody made here. A clone has at least its own host name.
 */
export function cloudInitOf(
  guest: RawVm,
  line: readonly RawVm[],
  context: CloudInitContext,
): DesiredCloudInit | undefined {
  const { config } = guest;
  const { cloud_init: own = {}, network_config } = config;
  const osType = [guest, ...line].find((vm) => vm.config.os_type !== undefined)?.config.os_type;
  const mayNotKnowIt = config.existing === true || (osType !== undefined && !osType.startsWith('l2'));
  if (mayNotKnowIt && !asksForCloudInit(guest)) return undefined;
  const [label = config.name, ...suffix] = config.name.split('.');
  const hostname = own.hostname ?? label;
  const fqdn = own.fqdn ?? fqdnOf(hostname, suffix.join('.') || context.domain);
  const nameservers = nameserversOf(
    config.nameservers ?? network_config?.nameservers ?? network_config?.nameserver,
  );
  const searchDomain = config.search_domain ?? network_config?.search_domain ?? network_config?.searchdomain;
  return {
    hostname,
    ...(fqdn !== undefined && { fqdn }),
    ...(own.timezone !== undefined && { timezone: own.timezone }),
    ...(nameservers && { nameservers }),
    ...(searchDomain !== undefined && { searchDomain }),
    users: usersOf(guest, context.secrets),
    packages: [...new Set(own.packages)],
    upgradesPackages: own.upgrade_packages ?? false,
    files: cloudInitFilesOf(guest, context),
    nfsMounts: nfsMountsOf(guest),
    runCommands: own.run_commands ?? [],
    templates: cloudInitTemplatesOf(guest, context),
  };
}

function asksForCloudInit({ config, declares }: RawVm): boolean {
  return (
    ['cloud_init', 'user_config', 'network_config', 'nameservers', 'search_domain'].some(declares) ||
    (config.volumes ?? []).length > 0 ||
    (config.network_interfaces ?? []).some(({ ip, ip6 }) => (ip ?? ip6) !== undefined)
  );
}

function fqdnOf(hostname: string, domain: string | undefined): string | undefined {
  return domain === undefined ? undefined : `${hostname}.${domain}`;
}

function nfsMountsOf({ config }: RawVm): readonly DesiredNfsMount[] {
  return (config.volumes ?? []).map(({ server, path, mount_point, options }) => ({
    server,
    path,
    mountPoint: withoutTrailingSlash(mount_point),
    ...(options !== undefined && { options }),
  }));
}
