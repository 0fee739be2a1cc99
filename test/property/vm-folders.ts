import fc from 'fast-check';
import type { Folder } from '../../src/model/desired.ts';
import { firewall, inside, load as loadFolder, type GuestJson, type RuleJson } from './folders.ts';

/** A VM as its configuration file says it. */
export type MachineJson = {
  name: string;
  template_image?: string;
  image?: { url: string; sha256?: string };
  clone_from_vmid?: number;
  clone_mode?: 'linked' | 'full';
  is_template?: boolean;
  template_snapshot_name?: string;
  snapshots?: { 'pre-features'?: string; 'post-features'?: string };
  storage_pool?: string;
  disk_size_gb: number;
  disks?: DiskJson[];
  memory_mb?: number;
  cores?: number;
  sockets?: number;
  cpu_type?: string;
  os_type?: string;
  serial_console?: boolean;
  boot_devices?: string[];
  start_at_boot?: boolean;
  boot_order?: number;
  boot_delay?: number;
  tags?: string[];
  notes?: string;
  protection?: boolean;
  network_config?: { ip: string; gw?: string };
  network_bridge?: string;
  mac_address?: string;
  network_interfaces?: CardJson[];
  nameservers?: string[];
  search_domain?: string;
  cloud_init: { hostname: string; packages?: string[]; timezone?: string };
  features?: string[];
  feature_options?: Record<string, Record<string, string>>;
  application_script?: string;
  application_script_env?: Record<string, string>;
  health_check?: { command: string };
  firewall?: { enabled: boolean; default_input_policy?: string; rules?: RuleJson[] };
  dependencies?: number[];
};

export type DiskJson = {
  slot: string;
  size_gb: number;
  storage_pool: string;
  backup?: boolean;
  discard?: boolean;
  ssd?: boolean;
  iothread?: boolean;
  cache?: string;
};

export type CardJson = {
  slot: string;
  bridge: string;
  model?: string;
  mac_address?: string;
  vlan?: number;
  mtu?: number;
  rate_mbps?: number;
  firewall?: boolean;
  ip?: string;
};

/**
 * A mixed folder: VMs 230 to 233, of which 230 may be golden and the others its clones, and a container
 * 240 between them.
 */
export type MixedJson = {
  readonly machines: ReadonlyMap<number, MachineJson>;
  readonly containers: ReadonlyMap<number, GuestJson>;
};

const IMAGE = 'noble-server-cloudimg-amd64.img';
const STORAGES = ['local', 'local-btrfs'];

const disk = (slot: string): fc.Arbitrary<DiskJson> =>
  fc.record(
    {
      slot: fc.constant(slot),
      size_gb: fc.integer({ min: 1, max: 3 }),
      storage_pool: fc.constantFrom(...STORAGES),
      backup: fc.boolean(),
      discard: fc.boolean(),
      ssd: fc.boolean(),
      iothread: fc.boolean(),
      cache: fc.constantFrom('none', 'writeback'),
    },
    { requiredKeys: ['slot', 'size_gb', 'storage_pool'] },
  );

const card = (vmid: number): fc.Arbitrary<CardJson> =>
  fc.record(
    {
      slot: fc.constant('net1'),
      bridge: fc.constant('vmbr0'),
      model: fc.constantFrom('virtio', 'e1000'),
      mac_address: fc.constant(`52:54:00:00:02:${vmid % 100}`),
      vlan: fc.integer({ min: 2, max: 9 }),
      mtu: fc.constantFrom(1400, 1500),
      rate_mbps: fc.constantFrom(10, 20),
      firewall: fc.boolean(),
      ip: fc.constantFrom('dhcp', `10.89.0.${vmid % 256}/24`),
    },
    { requiredKeys: ['slot', 'bridge'] },
  );

/** Everything that any VM may say; sources and what contradicts them are decided by `folders`. */
const traits = (vmid: number): fc.Arbitrary<MachineJson> =>
  fc.record(
    {
      name: fc.constantFrom(`machine-${vmid}`, `renamed-${vmid}`),
      storage_pool: fc.constantFrom(...STORAGES),
      disk_size_gb: fc.constantFrom(4, 5, 6),
      disks: fc
        .tuple(
          disk('scsi1'),
          disk('virtio3').map(({ ssd: _, ...one }) => one),
          fc.integer({ min: 0, max: 2 }),
        )
        .map(([a, b, count]) => [a, b].slice(0, count)),
      memory_mb: fc.constantFrom(512, 768, 1024),
      cores: fc.constantFrom(1, 2),
      sockets: fc.constantFrom(1, 2),
      cpu_type: fc.constantFrom('host', 'x86-64-v2-AES'),
      os_type: fc.constantFrom('l26', 'other'),
      serial_console: fc.boolean(),
      boot_devices: fc.constantFrom(['scsi0'], ['scsi0', 'net0']),
      start_at_boot: fc.boolean(),
      boot_order: fc.integer({ min: 1, max: 9 }),
      boot_delay: fc.constantFrom(0, 5),
      tags: fc.uniqueArray(fc.constantFrom('web', 'DB', 'zone-1', 'prod'), { maxLength: 3 }),
      notes: fc.constantFrom('plain', 'two\nlines', 'odd: 100% "é"\n', '# not a heading'),
      protection: fc.boolean(),
      network_config: fc.constantFrom({ ip: 'dhcp' }, { ip: `10.88.0.${vmid % 256}/24`, gw: '10.88.0.1' }),
      network_bridge: fc.constant('vmbr0'),
      mac_address: fc.constant(`52:54:00:00:01:${vmid % 100}`),
      network_interfaces: card(vmid).map((second) => [second]),
      nameservers: fc.constantFrom(['10.0.0.1'], ['10.0.0.1', '9.9.9.9']),
      search_domain: fc.constantFrom('lab.internal', 'a.b'),
      cloud_init: fc.record(
        {
          hostname: fc.constant(`host-${vmid}`),
          packages: fc.constantFrom(['busybox'], ['busybox', 'curl']),
          timezone: fc.constant('Europe/Berlin'),
        },
        { requiredKeys: ['hostname'] },
      ),
      snapshots: fc.record({ 'pre-features': fc.constant('pre'), 'post-features': fc.constant('post') }),
      ...inside,
      firewall,
    },
    { requiredKeys: ['name', 'storage_pool', 'disk_size_gb', 'cloud_init'] },
  );

const container: fc.Arbitrary<GuestJson> = fc.record(
  {
    name: fc.constant('between'),
    template: fc.constant('local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst'),
    storage_pool: fc.constant('local-btrfs'),
    storage_size_gb: fc.constant(10),
    unprivileged: fc.constant(true),
    memory_mb: fc.constantFrom(512, 768),
    tags: fc.constantFrom(['web'], ['prod']),
  },
  { requiredKeys: ['name', 'template', 'storage_pool', 'storage_size_gb', 'unprivileged'] },
);

/** Any valid mixed folder. */
export const mixedFolders: fc.Arbitrary<MixedJson> = fc
  .record({
    golden: fc.constantFrom('none', 'snapshot', 'template', 'template'),
    guests: fc.tuple(traits(230), traits(231), traits(232), traits(233)),
    count: fc.integer({ min: 1, max: 4 }),
    clones: fc.array(fc.constantFrom('no', 'yes', 'linked', 'full'), { minLength: 4, maxLength: 4 }),
    hasUrl: fc.boolean(),
    between: fc.option(container, { nil: undefined }),
  })
  .map(({ golden, guests, count, clones, hasUrl, between }) => {
    const machines = new Map<number, MachineJson>();
    guests.slice(0, count).forEach((given, index) => {
      const vmid = 230 + index;
      const isGolden = index === 0 && golden !== 'none';
      const clone = index > 0 && golden !== 'none' ? clones[index] : 'no';
      const machine: MachineJson = { ...given };
      if (clone !== undefined && clone !== 'no') {
        machine.clone_from_vmid = 230;
        if (clone === 'full') machine.clone_mode = 'full';
        if (clone === 'linked' && golden === 'template') machine.clone_mode = 'linked';
        if (clone !== 'full') delete machine.storage_pool;
        machine.disk_size_gb = 6;
      } else fromImage(machine, hasUrl);
      if (isGolden) {
        if (golden === 'template') machine.is_template = true;
        else machine.template_snapshot_name = 'ready';
        machine.storage_pool = 'local';
        delete machine.snapshots;
        delete machine.disks;
      }
      bootFromWhatIsThere(machine);
      machines.set(vmid, machine);
    });
    const containers = new Map<number, GuestJson>();
    if (between) {
      const before = machines.has(231) ? { dependencies: ['231'] } : {};
      containers.set(240, { ...between, ...before });
      const last = machines.get(233);
      if (last) machines.set(233, { ...last, dependencies: [240] });
    }
    return { machines, containers };
  });

/** A boot device that the folder itself does not give the machine is an error of the folder. */
function bootFromWhatIsThere(machine: MachineJson): void {
  const hasFirst =
    (machine.network_config ?? machine.network_bridge ?? machine.mac_address) !== undefined ||
    machine.network_interfaces?.some(({ slot }) => slot === 'net0') === true;
  const isFirst = (device: string): boolean => device === 'net0' && !hasFirst;
  if (machine.boot_devices?.some(isFirst) === true) {
    machine.boot_devices = machine.boot_devices.filter((device) => !isFirst(device));
  }
}

function fromImage(machine: MachineJson, hasUrl: boolean): void {
  delete machine.template_image;
  delete machine.image;
  if (hasUrl) machine.image = { url: 'https://images.test/disk.qcow2', sha256: 'a'.repeat(64) };
  else machine.template_image = IMAGE;
}

/**
 * A folder that may follow `before` on the same node: what can never change is as it was, nothing
 * shrinks, and what the first boot was told stays, since another only acts with `--reseed`.
 */
export function mixedSuccessor(before: MixedJson, next: MixedJson): MixedJson {
  const machines = new Map<number, MachineJson>();
  for (const [vmid, machine] of next.machines) {
    const old = before.machines.get(vmid);
    machines.set(vmid, old ? merged(old, machine) : standalone(machine));
  }
  const isSource = [...machines.values()].some((one) => one.clone_from_vmid === 230);
  const source = before.machines.get(230);
  if (isSource && source && !machines.has(230)) machines.set(230, source);
  const containers = new Map([...before.containers, ...next.containers]);
  for (const [vmid, one] of containers) {
    if (one.dependencies && !machines.has(231)) {
      const { dependencies: _, ...rest } = one;
      containers.set(vmid, rest);
    }
  }
  for (const [vmid, one] of machines) {
    if (one.dependencies && !containers.has(240)) {
      const { dependencies: _, ...rest } = one;
      machines.set(vmid, rest);
    }
  }
  return { machines, containers };
}

/** One that is new on the node is made from an image: its clone source may not be there, or be no template. */
function standalone({ clone_from_vmid: _, clone_mode: __, ...machine }: MachineJson): MachineJson {
  const own: MachineJson = { storage_pool: 'local', ...machine };
  if (own.image === undefined) own.template_image = IMAGE;
  return own;
}

function merged(old: MachineJson, next: MachineJson): MachineJson {
  const {
    template_image: _,
    image: __,
    clone_from_vmid: ___,
    clone_mode: ____,
    is_template: _____,
    template_snapshot_name: ______,
    storage_pool: _______,
    snapshots: ________,
    ...rest
  } = next;
  const isGolden = old.is_template === true || old.template_snapshot_name !== undefined;
  const kept = Object.fromEntries(
    KEPT.flatMap((key) => (old[key] === undefined ? [] : [[key, old[key]] as const])),
  );
  const disks = rest.disks?.map((one) => {
    const earlier = old.disks?.find(({ slot }) => slot === one.slot);
    return earlier
      ? { ...one, storage_pool: earlier.storage_pool, size_gb: Math.max(one.size_gb, earlier.size_gb) }
      : one;
  });
  const machine: MachineJson = {
    ...rest,
    ...(disks && { disks }),
    ...kept,
    cloud_init: old.cloud_init,
    disk_size_gb: Math.max(rest.disk_size_gb, old.disk_size_gb),
  };
  if (isGolden) delete machine.disks;
  return machine;
}

const KEPT = [
  'template_image',
  'image',
  'clone_from_vmid',
  'clone_mode',
  'is_template',
  'template_snapshot_name',
  'storage_pool',
  'snapshots',
] as const;

/** A protected guest's drives can't be changed, which its own test shows. */
export function mixedUnprotected({ machines, containers }: MixedJson): MixedJson {
  return {
    machines: new Map([...machines].map(([vmid, { protection: _, ...machine }]) => [vmid, machine])),
    containers,
  };
}

/** Writes a mixed folder to disk and loads it as a command would; it must have no errors. */
export async function loadMixed({ machines, containers }: MixedJson): Promise<Folder> {
  const vms = [...machines].map(([vmid, machine]) => ({ vmid, ...machine }));
  return await loadFolder(containers, vms);
}
