import type { World } from '../../src/twin/index.ts';
import { firewallUnmet, headOf, insideUnmet, parts, unmet as unmetContainers, volumesOf } from './oracle.ts';
import type { CardJson, DiskJson, MachineJson, MixedJson } from './vm-folders.ts';

/**
 * What of a mixed folder is not so in a world: read from the world's own files with a reader of its own,
 * against the configuration as it was written. Finished golden VMs were never to be touched again.
 */
export function unmetMixed(world: World, { machines, containers }: MixedJson): string[] {
  return [
    ...unmetContainers(world, containers, () => true),
    ...[...machines].flatMap(([vmid, machine]) =>
      unmetMachine(world, vmid, machine).map((problem) => `${vmid}: ${problem}`),
    ),
  ];
}

/** The text of a VM's config file. */
export function machineText(world: World, vmid: number): string | undefined {
  return world.files[`/etc/pve/nodes/${world.nodeName}/qemu-server/${vmid}.conf`]?.text;
}

function unmetMachine(world: World, vmid: number, machine: MachineJson): string[] {
  const text = machineText(world, vmid);
  if (text === undefined) return ['there is no such VM'];
  const leaked = volumesOf(world, vmid).filter((volume) => !text.includes(volume));
  if (leaked.length > 0) return [`nothing names ${leaked.join(' and ')}`];
  const head = headOf(text);
  if (machine.is_template === true) return templateUnmet(head);
  const golden = machine.template_snapshot_name;
  if (golden !== undefined) return text.includes(`\n[${golden}]\n`) ? [] : ['no golden snapshot'];
  return [
    ...keysUnmet(head, machine),
    ...disksUnmet(head, machine),
    ...cardsUnmet(head, machine),
    ...cloudInitUnmet(world, vmid, machine, head),
    ...(machine.firewall ? firewallUnmet(world, machine.firewall, vmid) : []),
    ...insideUnmet(world, vmid, machine),
    ...snapshotsUnmet(text, machine),
    ...waitingUnmet(text, machine),
  ];
}

function templateUnmet(head: Map<string, string>): string[] {
  const disks = [...head].filter(([key, value]) => /^scsi\d+$/.test(key) && !value.includes('cloudinit'));
  const loose = disks.filter(([, value]) => !/[:/]base-\d+-disk-/.test(value));
  return [
    ...(head.get('template') === '1' ? [] : ['is no template']),
    ...loose.map(([key]) => `${key} is no base`),
  ];
}

function keysUnmet(head: Map<string, string>, machine: MachineJson): string[] {
  const problems: string[] = [];
  const expect = (key: string, wanted: string | number | undefined, unset = ''): void => {
    const found = head.get(key) ?? unset;
    if (wanted !== undefined && found !== String(wanted)) problems.push(`${key} is ${found}, not ${wanted}`);
  };
  const flag = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? '1' : '0';
  expect('name', machine.name);
  expect('memory', machine.memory_mb, '512');
  expect('cores', machine.cores, '1');
  expect('sockets', machine.sockets, '1');
  expect('cpu', machine.cpu_type);
  expect('ostype', machine.os_type, 'other');
  expect('onboot', flag(machine.start_at_boot), '0');
  expect('protection', flag(machine.protection), '0');
  if (machine.boot_devices) expect('boot', `order=${machine.boot_devices.join(';')}`);
  if (machine.tags) {
    const tags = machine.tags.map((tag) => tag.toLowerCase()).toSorted();
    expect('tags', tags.join(';'));
  }
  if (machine.boot_order !== undefined) {
    const order = parts(head.get('startup')).get('order');
    if (order !== String(machine.boot_order)) problems.push(`startup is ${head.get('startup')}`);
  }
  if (!/^(?:1|enabled=1)(?:,|$)/.test(head.get('agent') ?? ''))
    problems.push(`agent is ${head.get('agent')}`);
  const hasSerial = head.get('serial0') === 'socket';
  const wantsSerial = machine.serial_console;
  if (wantsSerial !== undefined && hasSerial !== wantsSerial) {
    problems.push(`serial0 is ${head.get('serial0')}`);
  }
  return problems;
}

function disksUnmet(head: Map<string, string>, machine: MachineJson): string[] {
  const first = gibOf(head.get('scsi0'));
  return [
    ...(first < machine.disk_size_gb ? [`the first disk has ${first} GiB`] : []),
    ...(machine.disks ?? []).flatMap((disk) => diskUnmet(head.get(disk.slot), disk)),
  ];
}

function diskUnmet(text: string | undefined, disk: DiskJson): string[] {
  if (text === undefined) return [`no disk ${disk.slot}`];
  const has = parts(text);
  const wanted: [string, string | undefined, string][] = [
    ['backup', flagOf(disk.backup), '1'],
    ['ssd', flagOf(disk.ssd), '0'],
    ['iothread', flagOf(disk.iothread), '0'],
    ['discard', disk.discard === undefined ? undefined : disk.discard ? 'on' : 'ignore', 'ignore'],
    ['cache', disk.cache, 'none'],
  ];
  return [
    ...(gibOf(text) < disk.size_gb ? [`${disk.slot} is too small: ${text}`] : []),
    ...(text.startsWith(`${disk.storage_pool}:`) || text.startsWith('local')
      ? []
      : [`${disk.slot}: ${text}`]),
    ...wanted.flatMap(([part, want, unset]) =>
      want === undefined || (has.get(part) ?? unset) === want ? [] : [`${disk.slot} has ${text}`],
    ),
  ];
}

function cardsUnmet(head: Map<string, string>, machine: MachineJson): string[] {
  const { network_bridge, mac_address, network_interfaces = [], firewall } = machine;
  const first: CardJson = {
    slot: 'net0',
    bridge: network_bridge ?? 'vmbr0',
    ...(mac_address !== undefined && { mac_address }),
    ...(firewall?.enabled === true && { firewall: true }),
  };
  const says = [machine.network_config, network_bridge, mac_address].some((one) => one !== undefined);
  const hasFirst = says || network_interfaces.length === 0;
  return [...(hasFirst ? [first] : []), ...network_interfaces].flatMap((card) => {
    const text = head.get(card.slot);
    if (text === undefined) return [`no ${card.slot}`];
    const [model = '', mac = ''] = text.split(',', 1)[0]?.split('=') ?? [];
    const has = parts(text);
    const wanted: [string | undefined, string | number | undefined][] = [
      [model, card.model],
      [mac, card.mac_address],
      [has.get('bridge'), card.bridge],
      [has.get('tag'), card.vlan],
      [has.get('mtu'), card.mtu],
      [has.get('rate'), card.rate_mbps],
      [has.get('firewall') ?? '0', card.firewall === undefined ? undefined : card.firewall ? 1 : 0],
    ];
    const isRight = wanted.every(([found, want]) => want === undefined || found === String(want));
    return isRight && /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/.test(mac) ? [] : [`${card.slot} is ${text}`];
  });
}

/** What Cloud-Init is told stands in documents of the VM's own, which its drive was made of. */
function cloudInitUnmet(
  world: World,
  vmid: number,
  machine: MachineJson,
  head: Map<string, string>,
): string[] {
  const document = (name: string): string => {
    const path = `/var/lib/vz/snippets/phoenix-${vmid}-${name}.yaml`;
    return world.files[path]?.text ?? '';
  };
  const custom = parts(head.get('cicustom'));
  const unnamed = ['user', 'network', 'meta', 'vendor'].filter(
    (name) => custom.get(name) !== `local:snippets/phoenix-${vmid}-${name}.yaml`,
  );
  const { hostname, packages = [] } = machine.cloud_init;
  const ip = machine.network_config?.ip;
  const servers = machine.nameservers ?? [];
  const network = document('network');
  return [
    ...(/cloudinit/.test(head.get('ide2') ?? '') ? [] : ['no Cloud-Init drive']),
    ...unnamed.map((name) => `cicustom names no ${name}: ${head.get('cicustom')}`),
    ...(document('user').includes(hostname) ? [] : [`user-data lacks ${hostname}`]),
    ...packages.filter((name) => !document('user').includes(name)).map((name) => `user-data lacks ${name}`),
    ...(ip !== undefined && ip.includes('/') && !network.includes(ip) ? [`the network lacks ${ip}`] : []),
    ...servers.filter((server) => !network.includes(server)).map((server) => `the network lacks ${server}`),
  ];
}

function snapshotsUnmet(text: string, { snapshots, features }: MachineJson): string[] {
  const after = snapshots?.['post-features'];
  return after === undefined || !features || text.includes(`\n[${after}]\n`) ? [] : [`no snapshot ${after}`];
}

/** Nothing that the folder looks after waits for a restart. */
function waitingUnmet(text: string, machine: MachineJson): string[] {
  const waiting = headOf(text.split('\n[PENDING]\n')[1] ?? '');
  const managed: Readonly<Record<string, unknown>> = {
    name: machine.name,
    memory: machine.memory_mb,
    cores: machine.cores,
    sockets: machine.sockets,
    cpu: machine.cpu_type,
    ostype: machine.os_type,
    boot: machine.boot_devices,
    net0: true,
    ...Object.fromEntries((machine.disks ?? []).map(({ slot }) => [slot, true])),
  };
  const left = [...waiting.keys()].filter((key) => managed[key] !== undefined);
  return left.length > 0 ? [`${left.join()} waits for a restart`] : [];
}

function gibOf(drive: string | undefined): number {
  const [, size = '0', unit = 'G'] = /(?:^|,)size=(\d+)([MGT])/.exec(drive ?? '') ?? [];
  return Number(size) * (unit === 'M' ? 1 / 1024 : unit === 'T' ? 1024 : 1);
}

function flagOf(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? '1' : '0';
}
