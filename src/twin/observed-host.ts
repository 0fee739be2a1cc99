import type { WorldDevice, WorldHost } from './host-state.ts';
import type { Block } from './observation-blocks.ts';
import type { World } from './world.ts';

/** Puts what a block tells of the host itself into the world. */
export function addHostBlock(world: World, { fields, body }: Block): void {
  const rows = body.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
  READERS[fields]?.(world, rows, body);
}

type Rows = readonly (readonly string[])[];
type Reader = (world: World, rows: Rows, text: string) => void;

const READERS: Readonly<Record<string, Reader>> = {
  system: (world, rows) => {
    for (const [key = '', value = ''] of rows) {
      if (key === 'headers') world.host.headers.push(value);
      if (key === 'installed') world.host.installedKernels.push(value);
      const field = SYSTEM[key];
      if (field !== undefined) world.host[field] = value;
      const path = MARKS[key];
      if (path !== undefined) world.files[path] = { type: 'file', text: 'there\n' };
    }
  },
  packages: ({ host }, rows) => {
    for (const [name = '', version = '', state = ''] of rows) {
      if (/^[hi]i/.test(state)) host.packages[name] = version;
    }
  },
  users: (world, _rows, text) => {
    world.files['/etc/passwd'] = { type: 'file', text: text === '' ? '' : `${text}\n` };
  },
  'users-without-password': (world, _rows, text) => {
    const unset = text.split('\n');
    const names = (world.files['/etc/passwd']?.text ?? '')
      .split('\n')
      .flatMap((line) => line.split(':')[0] || []);
    const lines = names.map((name) => `${name}:${unset.includes(name) ? '!' : '$unseen$'}:::::::\n`);
    world.files['/etc/shadow'] = { type: 'file', text: lines.join(''), mode: 0o640 };
  },
  filesystems: ({ host }, rows) => {
    for (const [name = ''] of rows) host.datasets[name] ??= {};
  },
  arc: ({ host }, _rows, text) => {
    host.arcMaxBytes = Number(text);
  },
  sysctl: ({ host }, rows) => {
    for (const [name = '', ...value] of rows) host.sysctl[name] = value.join('\t');
  },
  units: ({ host }, _rows, text) => {
    for (const paragraph of text.split('\n\n')) {
      const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
      if (value('UnitFileState') === '') continue;
      const isActive = value('ActiveState') === 'active';
      host.units[value('Id')] = { enabled: value('UnitFileState') === 'enabled', active: isActive };
    }
  },
  modules: ({ host }, rows) => {
    host.modules = rows.map((row) => row.join('\t'));
  },
  lsblk: ({ host }, _rows, text) => {
    host.devices = text.split('\n').flatMap((line) => (line === '' ? [] : [deviceFrom(line)]));
  },
  'by-id': ({ host }, rows) => {
    for (const [link = '', to = ''] of rows) {
      const device = host.devices.find(({ name }) => name === to.split('/').at(-1));
      if (device) device.ids = [...(device.ids ?? []), link];
    }
  },
  wipefs: ({ host }, rows) => {
    for (const [tag, what = '', holder = ''] of rows) {
      const name = tag === 'found' ? what.split(',')[0] : what;
      for (const device of host.devices.filter((one) => one.name === name))
        addLook(device, tag, { what, holder });
    }
  },
  pools: (world, rows) => {
    world.host.packages['zfsutils-linux'] ??= 'unknown';
    for (const [name = '', health = ''] of rows) {
      world.host.pools[name] = { health, isImported: true, vdevs: [] };
    }
  },
  'pool-status': ({ host }, _rows, text) => addVdevs(host, text),
  datasets: (world, rows) => {
    world.host.packages['zfsutils-linux'] ??= 'unknown';
    for (const [name = '', property = '', value = '', source = ''] of rows) {
      (world.host.datasets[name] ??= {})[property] = { value, source };
    }
  },
  pci: ({ host }, rows) => {
    for (const [tag, one = '', two = '', three = ''] of rows) {
      const device = host.pciDevices.find(({ address }) => address === one);
      if (tag === 'device') host.pciDevices.push({ address: one, id: two, deviceClass: three });
      if (tag === 'driver' && device) device.driver = two;
      if (tag === 'group' && device) device.iommuGroup = two;
      if (tag === 'build') host.nvidiaBuilds.push(`${one} ${two}`);
      if (tag === 'installed') host.nvidiaInstalled ??= one;
    }
  },
  health: (world, rows) => {
    for (const [key, value = ''] of rows) {
      if (key === 'quorate') world.host.isQuorate = value === 'Yes';
      if (key === 'synchronised' && value !== '') world.host.isClockSynchronised = value === 'yes';
      if (key === 'firewall') world.host.isFirewallRunning = value.includes('running');
      if (key === 'lock') world.files[value] ??= { type: 'file', text: '' };
    }
  },
  addresses: ({ host }, _rows, text) => {
    host.addresses = text;
  },
  routes: ({ host }, _rows, text) => {
    host.routes = text;
  },
  links: ({ host }, _rows, text) => {
    host.links = text;
  },
  sessions: ({ host }, _rows, text) => {
    host.sessions = text;
  },
};

type SystemField = 'distribution' | 'suite' | 'timezone' | 'kernel' | 'kernelCommandLine';

const SYSTEM: Readonly<Record<string, SystemField>> = {
  distribution: 'distribution',
  suite: 'suite',
  timezone: 'timezone',
  kernel: 'kernel',
  cmdline: 'kernelCommandLine',
};

/** Files that say something by being there. */
const MARKS: Readonly<Record<string, string>> = {
  subscription: '/etc/subscription',
  'boot-tool': '/etc/kernel/proxmox-boot-uuids',
};

function deviceFrom(line: string): WorldDevice {
  const pairs = new Map(
    [...line.matchAll(/([A-Z]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [
      key,
      decoded(value),
    ]),
  );
  const text = (key: string): string => pairs.get(key) ?? '';
  const mountpoints = text('MOUNTPOINTS') === '' ? [] : text('MOUNTPOINTS').split('\n');
  return {
    name: text('NAME'),
    type: text('TYPE'),
    sizeBytes: Number(text('SIZE')),
    ...(text('RO') === '1' && { isReadOnly: true }),
    ...(text('PKNAME') !== '' && { parent: text('PKNAME') }),
    ...(text('MODEL') !== '' && { model: text('MODEL') }),
    ...(text('SERIAL') !== '' && { serial: text('SERIAL') }),
    ...(text('FSTYPE') !== '' && { fstype: text('FSTYPE') }),
    ...(text('LABEL') !== '' && { label: text('LABEL') }),
    ...(text('PTTYPE') !== '' && { pttype: text('PTTYPE') }),
    ...(mountpoints.length > 0 && { mountpoints }),
  };
}

function decoded(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function addLook(
  device: WorldDevice,
  tag: string | undefined,
  { what, holder }: { readonly what: string; readonly holder: string },
): void {
  if (tag === 'read' || tag === 'unreadable') device.isPhysical = device.type === 'disk';
  if (tag === 'unreadable') device.isUnreadable = true;
  if (tag === 'holder') device.holders = [...(device.holders ?? []), holder];
  if (tag === 'found') {
    const [, offset = '', type = '', label = ''] = what.split(',');
    const labelled = label === '' ? {} : { label: decoded(label) };
    device.signatures = [...(device.signatures ?? []), { offset, type, ...labelled }];
  }
}

function addVdevs(host: WorldHost, text: string): void {
  let name = '';
  let isData = false;
  for (const line of text.split('\n')) {
    const heading = /^ *pool: (.+)$/.exec(line)?.[1];
    if (heading !== undefined) name = heading;
    const pool = host.pools[name];
    const status = /^status: (.+)$/.exec(line)?.[1];
    if (pool && status !== undefined) pool.status = status;
    const match = /^\t( *)(\S+)\s/.exec(line);
    if (!pool || match?.[1] === undefined || match[2] === undefined) continue;
    const depth = match[1].length / 2;
    if (depth === 0) isData = match[2] === name;
    else if (isData && depth === 1 && !match[2].startsWith('/')) {
      pool.vdevs.push({ kind: match[2].replace(/-\d+$/, ''), disks: [] });
    } else if (isData && depth === 1) pool.vdevs.push({ kind: 'disk', disks: [match[2]] });
    else if (isData && match[2].startsWith('/')) pool.vdevs.at(-1)?.disks.push(match[2]);
  }
}
