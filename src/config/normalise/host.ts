import type {
  DesiredAdministrator,
  DesiredHost,
  DesiredPool,
  DesiredStorage,
  DesiredZfs,
  PoolLayout,
} from '../../model/desired-host.ts';
import { Secret } from '../../model/value.ts';
import type { HypervisorConfig } from '../schema/hypervisor-file.ts';

/**
 * What `phoenix setup` makes of the host, from the checked file. `settings` is the same file with its
 * secrets made secrets.
 */
export function systemOf(config: HypervisorConfig, settings: Readonly<Record<string, unknown>>): DesiredHost {
  const { network, timezone, packages, kernel_modules: modules, sysctl, nvidia_driver: driver } = config;
  const administrators = administratorsOf(config, settings);
  const zfs = zfsOf(config);
  const storages = storagesOf(config);
  const { package_repositories: repositories = 'by-subscription' } = config;
  const passthrough = config.passthrough_devices;
  const { runfile_url: installerUrl } = driver ?? {};
  return {
    ...(network?.hostname !== undefined && { hostname: network.hostname }),
    ...(timezone !== undefined && timezone !== 'host' && { timezone }),
    ...(repositories !== 'unmanaged' && { repositories }),
    ...(packages && { packages }),
    ...(administrators.length > 0 && { administrators }),
    ...(sysctl && { sysctl: new Map(Object.entries(sysctl).map(([key, value]) => [key, String(value)])) }),
    ...(modules && { kernelModules: modules }),
    ...(zfs && { zfs }),
    ...(storages.length > 0 && { storages }),
    ...(driver?.install === true &&
      driver.version !== undefined && {
        nvidia: { version: driver.version, ...(installerUrl !== undefined && { installerUrl }) },
      }),
    ...(passthrough && { passthrough }),
  };
}

type Person = NonNullable<HypervisorConfig['administrators']>[number];

function administratorsOf(
  { users, administrators = [] }: HypervisorConfig,
  settings: Readonly<Record<string, unknown>>,
): readonly DesiredAdministrator[] {
  const first: readonly (Person & { readonly path: readonly (string | number)[] })[] = users
    ? [
        {
          ...users,
          username: users.username ?? 'phoenix_admin',
          ssh_public_keys: [...oneKey(users.ssh_public_key), ...(users.ssh_public_keys ?? [])],
          path: ['users'],
        },
      ]
    : [];
  const others = administrators.map((one, index) => ({ ...one, path: ['administrators', index] }));
  return [...first, ...others].map(({ username, sudo_access, ssh_public_keys = [], path }) => {
    const passwordHash = hashAt(settings, path);
    return {
      name: username,
      hasSudo: sudo_access === true,
      sshKeys: ssh_public_keys.map((key) => key.trim()).filter((key) => key !== ''),
      ...(passwordHash && { passwordHash }),
    };
  });
}

function oneKey(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text];
}

/** A hash that stands in clear in the file is kept out of sight all the same. */
function hashAt(settings: unknown, path: readonly (string | number)[]): Secret | undefined {
  let found: unknown = settings;
  for (const key of [...path, 'password_hash']) {
    found =
      typeof found === 'object' && found !== null
        ? (found as Record<string | number, unknown>)[key]
        : undefined;
  }
  if (found instanceof Secret) return found;
  if (typeof found !== 'string' || found === '' || found === 'NOT_SET') return undefined;
  const text = found;
  return new Secret(`${path.join('.')}.password_hash`, () => text);
}

function zfsOf({ zfs }: HypervisorConfig): DesiredZfs | undefined {
  if (!zfs) return undefined;
  const { pools = [], datasets = [], arc_max_gb: arcMaxGiB } = zfs;
  return {
    pools: pools.map((pool): DesiredPool => ({
      name: pool.name,
      layout: layoutOf(pool.raid_level, pool.disks.length),
      disks: pool.disks,
    })),
    datasets: datasets.map(({ pool, name, properties = '' }) => ({
      pool,
      name: `${pool}/${name}`,
      properties: new Map(
        properties
          .split(',')
          .map((pair) => pair.trim())
          .filter((pair) => pair !== '')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
      ),
    })),
    ...(arcMaxGiB !== undefined && { arcMaxGiB }),
  };
}

/** The words that existing files use, in Phoenix's. */
function layoutOf(level: string, disks: number): PoolLayout {
  const word = level.toLowerCase();
  if (word === 'raid1') return 'mirror';
  if (word === 'raidz') return 'raidz1';
  if (word === 'raid0') return disks === 1 ? 'single' : 'stripe';
  return word as PoolLayout;
}

function storagesOf({ zfs, proxmox_storage_ids: ids = {} }: HypervisorConfig): readonly DesiredStorage[] {
  return (zfs?.datasets ?? []).flatMap((dataset) => {
    const { pool, name, proxmox_storage_type: type, proxmox_content_type: content = 'none' } = dataset;
    if (type === undefined) return [];
    const key = `${pool}_${name.replaceAll('-', '_')}`;
    const id = Object.hasOwn(ids, key) ? ids[key] : undefined;
    return [
      {
        id: id ?? `${pool}-${name.replaceAll('/', '-')}`,
        type,
        dataset: `${pool}/${name}`,
        content: content === 'none' ? [] : content.split(','),
      },
    ];
  });
}
