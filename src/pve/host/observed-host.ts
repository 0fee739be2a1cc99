import type { ObservedHost, ObservedHealth, ObservedSystem } from '../../model/observed-host.ts';
import type { ObservationText } from '../observation-text.ts';
import { observedDatasets, observedPools } from './pools.ts';
import { observedDisks } from './disks.ts';
import { observedDrivers } from './drivers.ts';
import { hostRecordPath, parseHostRecord } from './host-record.ts';
import { fieldsIn, linesIn } from './lines.ts';
import { observedFirewall, observedNetwork } from './observed-network.ts';
import { observedPackages } from './packages.ts';
import { observedRepositories } from './repositories.ts';
import { observedUnits } from './units.ts';
import { observedUsers } from './users.ts';

/**
 * What an observation's text tells of the host itself; undefined where nobody asked. A part whose
 * program is missing on the host is as if nobody had asked for it.
 */
export function observedHost(read: ObservationText): ObservedHost | undefined {
  const { host, files } = read;
  if (host.size === 0) return undefined;
  const part = <Name extends keyof ObservedHost, Value>(
    name: Name,
    from: string,
    parse: (text: string) => Value,
  ): { readonly [Key in Name]?: Value } => {
    const text = host.get(from);
    return text === undefined ? {} : ({ [name]: parse(text) } as { readonly [Key in Name]?: Value });
  };
  const hasProxmox = read.first('proxmox') === '1';
  const record = files.get(hostRecordPath(hasProxmox));
  return {
    ...part('system', 'system', (text) => observedSystem(text, read.nodeName)),
    ...part('repositories', 'repositories', () => observedRepositories(files)),
    ...part('packages', 'packages', observedPackages),
    ...part('users', 'users', (text) => observedUsers(text, host.get('users-without-password') ?? '', files)),
    ...part(
      'sysctl',
      'sysctl',
      (text) => new Map(fieldsIn(text).map(([key = '', ...value]) => [key, value.join('\t')])),
    ),
    ...part('modules', 'modules', (text) => new Set(linesIn(text).map((name) => name.replaceAll('-', '_')))),
    ...part('disks', 'lsblk', () => observedDisks(host)),
    ...part('pools', 'pools', (text) => observedPools(text, host.get('pool-status') ?? '')),
    ...part('filesystems', 'filesystems', linesIn),
    ...part('arcMaxBytes', 'arc', Number),
    ...part('datasets', 'datasets', observedDatasets),
    ...part('units', 'units', observedUnits),
    ...part('drivers', 'pci', observedDrivers),
    ...part('health', 'health', observedHealth),
    ...part('network', 'links', () => observedNetwork(host)),
    ...part('firewall', 'links', () => observedFirewall(files, read.nodeName)),
    ...(record !== undefined && { record: parseHostRecord(record) }),
  };
}

function observedSystem(text: string, hostname: string): ObservedSystem {
  const fields = fieldsIn(text);
  const value = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
  const timezone = value('timezone');
  return {
    hostname,
    distribution: value('distribution') ?? '',
    suite: value('suite') ?? '',
    ...(timezone !== undefined && { timezone }),
    kernel: value('kernel') ?? '',
    kernelCommandLine: value('cmdline') ?? '',
    hasSubscription: value('subscription') === '1',
    usesProxmoxBootTool: value('boot-tool') === '1',
    installedKernels: fields.flatMap(([key, kernel]) => (key === 'installed' && kernel ? [kernel] : [])),
    headers: fields.flatMap(([key, kernel]) => (key === 'headers' && kernel ? [kernel] : [])),
  };
}

function observedHealth(text: string): ObservedHealth {
  const fields = fieldsIn(text);
  const value = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
  const quorate = value('quorate');
  const synchronised = value('synchronised');
  const firewall = value('firewall');
  return {
    ...(quorate !== undefined && { isQuorate: quorate === 'Yes' }),
    ...(synchronised && { isClockSynchronised: synchronised === 'yes' }),
    ...(firewall !== undefined && { isFirewallRunning: firewall.includes('running') }),
    leftovers: fields.flatMap(([key, path]) => (key === 'lock' && path ? [path] : [])),
  };
}
