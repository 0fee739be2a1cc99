import type { Needs } from '../model/node.ts';
import type { WorldDevice, WorldPool } from './host-state.ts';
import type { World } from './world.ts';

/** What the probe would print of the host itself: the parts that are asked for. */
export function hostBlocks(world: World, asked: Needs['host'] = []): readonly string[] {
  const named = (prefix: string): readonly string[] =>
    asked.flatMap((part) => (part.startsWith(`${prefix}:`) ? [part.slice(prefix.length + 1)] : []));
  const parts: string[] = asked.filter((part) => !part.includes(':'));
  const blocks: (readonly [string, string])[] = [];
  for (const part of ORDER) {
    if (parts.includes(part)) blocks.push(...(BLOCKS[part]?.(world) ?? []));
    const names = named(part);
    if (names.length > 0) blocks.push(...(NAMED[part]?.(world, names) ?? []));
  }
  return blocks.flatMap(([name, text]) => [
    `host\t${name}`,
    ...text
      .split('\n')
      .flatMap((line, index, all) => (line === '' && index === all.length - 1 ? [] : [`=\t${line}`])),
  ]);
}

/** Files outside /etc/pve that the parts print whole. */
export function hostTexts(world: World, asked: Needs['host'] = []): readonly string[] {
  if (asked.length === 0) return [];
  const paths = Object.keys(world.files).toSorted();
  const users = asked.flatMap((part) => (part.startsWith('user:') ? [part.slice('user:'.length)] : []));
  return [
    '/var/lib/phoenix/host.json',
    ...(asked.includes('repositories')
      ? [
          '/etc/apt/sources.list',
          ...paths.filter((path) => /^\/etc\/apt\/sources\.list\.d\/[^/]+\.list$/.test(path)),
          ...paths.filter((path) => /^\/etc\/apt\/sources\.list\.d\/[^/]+\.sources$/.test(path)),
        ]
      : []),
    ...passwdLines(world, users).map((line) => `${line.split(':')[5]}/.ssh/authorized_keys`),
    ...(asked.includes('network')
      ? [
          '/etc/network/interfaces',
          ...paths.filter((path) => /^\/etc\/network\/interfaces\.d\/[^/]+$/.test(path)),
          '/etc/resolv.conf',
          '/etc/hosts',
        ]
      : []),
    ...(asked.includes('firewall') ? [`/etc/pve/nodes/${world.nodeName}/host.fw`] : []),
  ].filter((path) => world.files[path]?.type === 'file');
}

/** In the order in which the probe prints them. */
const ORDER = [
  'system',
  'repositories',
  'package',
  'user',
  'sysctl',
  'unit',
  'modules',
  'disks',
  'pools',
  'dataset',
  'drivers',
  'health',
  'network',
];

type Blocks = readonly (readonly [string, string])[];

const BLOCKS: Readonly<Record<string, (world: World) => Blocks>> = {
  system: (world) => {
    const { host, files } = world;
    return [
      [
        'system',
        rows([
          ...(host.distribution === '' ? [] : [['distribution', host.distribution]]),
          ...(host.suite === '' ? [] : [['suite', host.suite]]),
          ...(host.timezone === '' ? [] : [['timezone', host.timezone]]),
          ['kernel', host.kernel],
          ['cmdline', host.kernelCommandLine],
          ...(files['/etc/subscription']?.text ? [['subscription', '1']] : []),
          ...(files['/etc/kernel/proxmox-boot-uuids']?.text ? [['boot-tool', '1']] : []),
          ...host.installedKernels
            .toSorted()
            .flatMap((kernel) => [
              ['installed', kernel],
              ...(host.headers.includes(kernel) ? [['headers', kernel]] : []),
            ]),
        ]),
      ],
    ];
  },
  repositories: () => [['repositories', '']],
  modules: ({ host }) => [['modules', rows(host.modules.map((name) => [name]))]],
  disks: ({ host }) => [
    ['lsblk', host.devices.map(lsblkLine).join('\n')],
    [
      'by-id',
      rows(host.devices.flatMap(({ name, ids = [] }) => ids.toSorted().map((id) => [id, `../../${name}`]))),
    ],
    [
      'wipefs',
      rows(
        host.devices.filter(({ isPhysical }) => isPhysical).flatMap((disk) => lookInto(disk, host.devices)),
      ),
    ],
  ],
  pools: ({ host }) => {
    if (!hasZfs(host.packages)) return [];
    const imported = Object.entries(host.pools).filter(([, { isImported }]) => isImported);
    return [
      ['pools', rows(imported.map(([name, { health }]) => [name, health]))],
      ['pool-status', imported.map(([name, pool]) => poolStatus(name, pool)).join('\n')],
      ['filesystems', filesystems(host).join('\n')],
      ...(host.arcMaxBytes === undefined ? [] : [['arc', String(host.arcMaxBytes)] as const]),
    ];
  },
  drivers: ({ host }) => [
    [
      'pci',
      rows([
        ...host.pciDevices.map(({ address, id, deviceClass }) => ['device', address, id, deviceClass]),
        ...host.pciDevices.flatMap(({ address, driver }) =>
          driver === undefined ? [] : [['driver', address, driver]],
        ),
        ...host.pciDevices.flatMap(({ address, iommuGroup }) =>
          iommuGroup === undefined ? [] : [['group', address, iommuGroup]],
        ),
        ...host.nvidiaBuilds.map((build) => ['build', ...build.split(' ')]),
        ...(host.nvidiaInstalled === undefined ? [] : [['installed', host.nvidiaInstalled]]),
      ]),
    ],
  ],
  health: ({ host, files }) => [
    [
      'health',
      rows([
        ...(host.isQuorate === undefined ? [] : [['quorate', host.isQuorate ? 'Yes' : 'No']]),
        ...(host.isClockSynchronised === undefined
          ? []
          : [['synchronised', host.isClockSynchronised ? 'yes' : 'no']]),
        ...(host.isFirewallRunning === undefined
          ? []
          : [['firewall', host.isFirewallRunning ? 'enabled/running' : 'disabled/stopped']]),
        ...Object.keys(files)
          .filter((path) => /^\/(?:var|run)\/lock\/.*\.(?:conf|lock)$/.test(path))
          .toSorted()
          .map((path) => ['lock', path]),
      ]),
    ],
  ],
  network: ({ host }) => [
    ['links', host.links ?? ''],
    ['addresses', host.addresses],
    ['routes', host.routes],
    ['sessions', host.sessions ?? ''],
  ],
};

const NAMED: Readonly<Record<string, (world: World, names: readonly string[]) => Blocks>> = {
  package: ({ host }, names) => [
    [
      'packages',
      rows(
        names.toSorted().flatMap((name) => {
          const version = host.packages[name];
          return version === undefined ? [] : [[name, version, 'ii ']];
        }),
      ),
    ],
  ],
  user: (world, names) => [
    ['users', passwdLines(world, names).join('\n')],
    ['users-without-password', withoutPassword(world, names).join('\n')],
  ],
  sysctl: ({ host }, names) => [
    [
      'sysctl',
      rows(names.flatMap((name) => (host.sysctl[name] === undefined ? [] : [[name, host.sysctl[name]]]))),
    ],
  ],
  unit: ({ host }, names) => [
    [
      'units',
      names
        .map((name) => {
          const unit = host.units[name];
          const state = unit === undefined ? '' : unit.enabled ? 'enabled' : 'disabled';
          return `Id=${name}\nActiveState=${unit?.active === true ? 'active' : 'inactive'}\nUnitFileState=${state}\n`;
        })
        .join('\n'),
    ],
  ],
  dataset: ({ host }, names) => {
    if (!hasZfs(host.packages)) return [];
    const lines = names.flatMap((name) =>
      Object.entries(host.datasets[name] ?? {}).map(([property, { value, source }]) => [
        name,
        property,
        value,
        source,
      ]),
    );
    return [['datasets', rows(lines)]];
  },
};

function rows(fields: readonly (readonly string[])[]): string {
  return fields.map((row) => row.join('\t')).join('\n');
}

function passwdLines(world: World, names: readonly string[]): readonly string[] {
  const lines = (world.files['/etc/passwd']?.text ?? '').split('\n');
  return lines.filter((line) => names.includes(line.slice(0, line.indexOf(':'))));
}

function withoutPassword(world: World, names: readonly string[]): readonly string[] {
  const lines = (world.files['/etc/shadow']?.text ?? '').split('\n').map((line) => line.split(':'));
  const passwords = new Map(lines.map(([name = '', password = '']) => [name, password]));
  return passwdLines(world, names).flatMap((line) => {
    const name = line.slice(0, line.indexOf(':'));
    return /^(?:!|!!|!\*|\*)$/.test(passwords.get(name) ?? '!') ? [name] : [];
  });
}

function hasZfs(packages: Readonly<Record<string, string>>): boolean {
  return packages['zfsutils-linux'] !== undefined;
}

function lsblkLine(device: WorldDevice): string {
  const fields = [
    ['NAME', device.name],
    ['PKNAME', device.parent ?? ''],
    ['TYPE', device.type],
    ['SIZE', String(device.sizeBytes)],
    ['RO', device.isReadOnly === true ? '1' : '0'],
    ['MODEL', device.model ?? ''],
    ['SERIAL', device.serial ?? ''],
    ['FSTYPE', device.fstype ?? ''],
    ['LABEL', device.label ?? ''],
    ['PTTYPE', device.pttype ?? ''],
    ['MOUNTPOINTS', (device.mountpoints ?? []).join('\n')],
  ];
  return fields.map(([key, value = '']) => `${key}="${escaped(value)}"`).join(' ');
}

function escaped(text: string): string {
  return text.replaceAll(/["\\$`\p{Cc}]/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function filesystems({ datasets, pools }: World['host']): readonly string[] {
  return Object.keys(datasets)
    .filter((name) => name.split('/').length <= 3 && pools[name.split('/')[0] ?? '']?.isImported === true)
    .toSorted();
}

/** What wipefs says of a disk and its partitions, and who holds it. */
function lookInto(disk: WorldDevice, devices: readonly WorldDevice[]): readonly (readonly string[])[] {
  const parts = devices.filter(({ parent, type }) => parent === disk.name && type === 'part');
  return [
    ...[disk, ...parts].flatMap((device) => {
      if (device.isUnreadable === true) return [['unreadable', device.name]];
      const found = (device.signatures ?? []).map(({ offset, type, label = '' }) => [
        'found',
        [device.name, offset, type, label.replaceAll(' ', String.raw`\x20`)].join(','),
      ]);
      return [['read', device.name], ...found];
    }),
    ...(disk.holders ?? []).map((holder) => ['holder', disk.name, holder]),
  ];
}

/** `zpool status -P` of one pool. */
export function poolStatus(name: string, pool: WorldPool): string {
  const row = (depth: number, what: string): string =>
    `\t${'  '.repeat(depth)}${what.padEnd(40)} ${pool.health}       0     0     0`;
  const kinds = new Map<string, number>();
  const vdevs = pool.vdevs.flatMap(({ kind, disks }) => {
    if (kind === 'disk') return disks.map((disk) => row(1, disk));
    const number = [...kinds.values()].reduce((sum, count) => sum + count, 0);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    return [row(1, `${kind}-${number}`), ...disks.map((disk) => row(2, disk))];
  });
  return [
    `  pool: ${name}`,
    ` state: ${pool.health}`,
    ...(pool.status === undefined ? [] : [`status: ${pool.status}`]),
    'config:',
    '',
    `\t${'NAME'.padEnd(42)} STATE     READ WRITE CKSUM`,
    row(0, name),
    ...vdevs,
    '',
    'errors: No known data errors',
    '',
  ].join('\n');
}
