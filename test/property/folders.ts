import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { loadFolder } from '../../src/config/index.ts';
import type { Folder } from '../../src/model/desired.ts';

/** A container as its configuration file says it. */
export type GuestJson = {
  name: string;
  template?: string;
  clone_from_ctid?: string;
  template_snapshot_name?: string;
  is_template?: boolean;
  storage_pool: string;
  storage_size_gb: number;
  unprivileged: boolean;
  memory_mb?: number;
  swap_mb?: number;
  cores?: number;
  start_at_boot?: boolean;
  boot_order?: number;
  boot_delay?: number;
  tags?: string[];
  notes?: string;
  timezone?: string;
  protection?: boolean;
  search_domain?: string;
  pct_options?: string[];
  lxc_options?: string[];
  devices?: string[];
  network_config?: NicJson;
  network_interfaces?: NicJson[];
  volumes?: VolumeJson[];
  mount_points?: MountJson[];
  dependencies?: string[];
  features?: string[];
  feature_options?: Record<string, Record<string, string>>;
  application_script?: string;
  application_script_env?: Record<string, string>;
  health_check?: { command: string };
  enable_lifecycle_snapshots?: boolean;
  firewall?: { enabled: boolean; default_input_policy?: string; rules?: RuleJson[] };
};

export type NicJson = {
  name: string;
  bridge: string;
  ip?: string;
  gw?: string;
  hwaddr?: string;
  vlan?: number;
  mtu?: number;
  firewall?: boolean;
  nameservers?: string[];
};
export type VolumeJson = { pool: string; size_gb: number; mount_point: string; backup?: boolean };
export type MountJson = {
  host_path: string;
  container_path: string;
  read_only?: boolean;
  owner_uid?: number;
};
export type RuleJson = { type: string; action: string; proto?: string; port?: string; comment?: string };

/** A whole folder: containers by id. 200 is the golden one, if there is one; the others may clone it. */
export type FolderJson = ReadonlyMap<number, GuestJson>;

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const STORAGES = ['local', 'local-btrfs'];

const nic = (vmid: number, index: number): fc.Arbitrary<NicJson> =>
  fc.record(
    {
      name: fc.constant(`eth${index}`),
      bridge: fc.constant('vmbr0'),
      ip: fc.constantFrom(`10.${98 + index}.${Math.floor(vmid / 100)}.${vmid % 100}/8`, 'dhcp'),
      hwaddr: fc.constant(`52:54:00:00:${hex(vmid % 256)}:0${index}`),
      vlan: fc.integer({ min: 2, max: 9 }),
      mtu: fc.constantFrom(1400, 1500),
      firewall: fc.boolean(),
      ...(index === 0 && { nameservers: fc.constantFrom(['10.0.0.1'], ['10.0.0.1', '9.9.9.9']) }),
    },
    { requiredKeys: ['name', 'bridge', 'ip'] },
  );

const volume: fc.Arbitrary<VolumeJson> = fc.record(
  {
    pool: fc.constantFrom(...STORAGES),
    size_gb: fc.integer({ min: 1, max: 3 }),
    mount_point: fc.constantFrom('/data', '/var/lib/db'),
    backup: fc.boolean(),
  },
  { requiredKeys: ['pool', 'size_gb', 'mount_point'] },
);

/** A directory of the guest's own has an owner, a shared one has not: two guests would fight over it. */
const mount = (vmid: number, path: string): fc.Arbitrary<MountJson> =>
  fc.oneof(
    fc.record(
      {
        host_path: fc.constant(`/srv/${vmid}${path}`),
        container_path: fc.constant(path),
        read_only: fc.boolean(),
        owner_uid: fc.constantFrom(0, 33),
      },
      { requiredKeys: ['host_path', 'container_path'] },
    ),
    fc.record(
      { host_path: fc.constant('/srv'), container_path: fc.constant(path), read_only: fc.boolean() },
      { requiredKeys: ['host_path', 'container_path'] },
    ),
  );

const rule: fc.Arbitrary<RuleJson> = fc.record(
  {
    type: fc.constantFrom('in', 'out'),
    action: fc.constantFrom('ACCEPT', 'DROP', 'REJECT'),
    proto: fc.constant('tcp'),
    port: fc.constantFrom('22', '80,443', '8000:8010'),
    comment: fc.constantFrom('web', 'shell access'),
  },
  { requiredKeys: ['type', 'action', 'proto'] },
);

/** What any guest may say of what runs in it. */
export const inside = {
  features: fc.constant<string[]>(['base_setup']),
  feature_options: fc.constantFrom(
    { base_setup: { packages: 'busybox' } },
    { base_setup: { packages: 'busybox curl' } },
  ),
  application_script: fc.constantFrom('app.sh', 'other.sh'),
  application_script_env: fc.constantFrom({ MODE: 'a' }, { MODE: 'b' }),
  health_check: fc.constant({ command: 'true' }),
};

/** What any guest's firewall may be. */
export const firewall: fc.Arbitrary<NonNullable<GuestJson['firewall']>> = fc.record({
  enabled: fc.boolean(),
  default_input_policy: fc.constantFrom('DROP', 'ACCEPT'),
  rules: fc.uniqueArray(rule, { maxLength: 3, selector: (one) => JSON.stringify(one) }),
});

/** Everything that any container may say; sources and what contradicts them are decided by `folder`. */
const traits = (vmid: number): fc.Arbitrary<GuestJson> =>
  fc.record(
    {
      storage_pool: fc.constantFrom(...STORAGES),
      storage_size_gb: fc.constantFrom(10, 11, 12),
      unprivileged: fc.boolean(),
      name: fc.constantFrom(`guest-${vmid}`, `renamed-${vmid}`),
      memory_mb: fc.constantFrom(512, 768, 1024),
      swap_mb: fc.constantFrom(0, 256, 512),
      cores: fc.constantFrom(1, 2),
      start_at_boot: fc.boolean(),
      boot_order: fc.integer({ min: 1, max: 9 }),
      boot_delay: fc.constantFrom(0, 5),
      tags: fc.uniqueArray(fc.constantFrom('web', 'DB', 'zone-1', 'prod'), { maxLength: 3 }),
      notes: fc.constantFrom('plain', 'two\nlines', 'odd: 100% "é"\n', '# not a heading'),
      timezone: fc.constantFrom('host', 'Europe/Berlin'),
      protection: fc.boolean(),
      search_domain: fc.constantFrom('lab.internal', 'a.b'),
      pct_options: fc.subarray(['nesting=1', 'keyctl=1', 'fuse=1']),
      lxc_options: fc.subarray([
        'lxc.apparmor.profile=unconfined',
        'lxc.mount.entry=/dev/fuse dev/fuse none bind,create=file',
        'lxc.cap.drop: sys_time',
      ]),
      devices: fc.subarray(['/dev/fuse', '/dev/net/tun']),
      network_config: nic(vmid, 0),
      network_interfaces: nic(vmid, 1).map((second) => [second]),
      volumes: fc.uniqueArray(volume, { maxLength: 2, selector: ({ mount_point }) => mount_point }),
      mount_points: fc
        .tuple(mount(vmid, '/mnt/a'), mount(vmid, '/mnt/b'), fc.integer({ min: 0, max: 2 }))
        .map(([a, b, count]) => [a, b].slice(0, count)),
      ...inside,
      enable_lifecycle_snapshots: fc.boolean(),
      firewall,
    },
    { requiredKeys: ['name', 'storage_pool', 'storage_size_gb', 'unprivileged'] },
  );

/** Any valid folder of up to four containers, 200 to 203. */
export const folders: fc.Arbitrary<FolderJson> = fc
  .record({
    golden: fc.constantFrom('none', 'snapshot', 'template'),
    guests: fc.tuple(traits(200), traits(201), traits(202), traits(203)),
    count: fc.integer({ min: 1, max: 4 }),
    clones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    chained: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  })
  .map(({ golden, guests, count, clones, chained }) => {
    const folder = new Map<number, GuestJson>();
    const [first] = guests;
    guests.slice(0, count).forEach((given, index) => {
      const vmid = 200 + index;
      const isGolden = index === 0 && golden !== 'none';
      const isClone = index > 0 && golden !== 'none' && clones[index] === true;
      const guest: GuestJson = { ...given };
      if (isClone) {
        guest.clone_from_ctid = '200';
        guest.unprivileged = first.unprivileged;
        guest.storage_size_gb = Math.max(guest.storage_size_gb, first.storage_size_gb);
        guest.storage_pool = 'local-btrfs';
      } else {
        guest.template = TEMPLATE;
      }
      if (isGolden) {
        if (golden === 'template') guest.is_template = true;
        else guest.template_snapshot_name = 'final-form';
        guest.storage_pool = 'local-btrfs';
        for (const key of CONTRADICTING_SNAPSHOTS) delete guest[key];
      }
      if (guest.mount_points) delete guest.enable_lifecycle_snapshots;
      if (guest.enable_lifecycle_snapshots === true) {
        guest.storage_pool = 'local-btrfs';
        for (const one of guest.volumes ?? []) one.pool = 'local-btrfs';
      }
      if (!isGolden && index > 1 && chained[index] === true) guest.dependencies = [String(vmid - 1)];
      folder.set(vmid, guest);
    });
    return folder;
  });

/** A folder that may follow `before` on the same node: what can never change is as it was, nothing shrinks. */
export function successor(before: FolderJson, next: FolderJson): FolderJson {
  const merged = new Map<number, GuestJson>();
  for (const [vmid, guest] of next) {
    const old = before.get(vmid);
    if (!old) {
      const { clone_from_ctid: _, ...own } = guest;
      merged.set(vmid, { ...own, template: TEMPLATE });
      continue;
    }
    const {
      template: _,
      clone_from_ctid: __,
      template_snapshot_name: ___,
      is_template: ____,
      ...rest
    } = guest;
    const source = {
      ...(old.template !== undefined && { template: old.template }),
      ...(old.clone_from_ctid !== undefined && { clone_from_ctid: old.clone_from_ctid }),
      ...(old.template_snapshot_name !== undefined && { template_snapshot_name: old.template_snapshot_name }),
      ...(old.is_template !== undefined && { is_template: old.is_template }),
    };
    const isGolden = old.is_template === true || old.template_snapshot_name !== undefined;
    const volumes = rest.volumes?.map((one) => {
      const earlier = old.volumes?.find(({ mount_point }) => mount_point === one.mount_point);
      return earlier ? { ...one, pool: earlier.pool, size_gb: Math.max(one.size_gb, earlier.size_gb) } : one;
    });
    const merging: GuestJson = {
      ...rest,
      ...source,
      ...(volumes && { volumes }),
      unprivileged: old.unprivileged,
      storage_pool: old.storage_pool,
      storage_size_gb: Math.max(rest.storage_size_gb, old.storage_size_gb),
    };
    if (isGolden) for (const key of CONTRADICTING_SNAPSHOTS) delete merging[key];
    // What an earlier folder mounted may still be there, and a snapshot with it is refused.
    delete merging.enable_lifecycle_snapshots;
    merged.set(vmid, merging);
  }
  for (const [vmid, guest] of merged) {
    const source =
      guest.clone_from_ctid === undefined ? undefined : merged.get(Number(guest.clone_from_ctid));
    if (source) guest.storage_size_gb = Math.max(guest.storage_size_gb, source.storage_size_gb);
    merged.set(vmid, guest);
  }
  for (const [vmid, guest] of before) {
    const isSource = [...merged.values()].some(({ clone_from_ctid }) => clone_from_ctid === String(vmid));
    if (isSource && !merged.has(vmid)) merged.set(vmid, guest);
  }
  return merged;
}

const CONTRADICTING_SNAPSHOTS = ['mount_points', 'volumes', 'devices', 'enable_lifecycle_snapshots'] as const;

/** Writes a folder to disk and loads it as a command would; it must have no errors. */
export async function load(json: FolderJson, vms: readonly object[] = []): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'phoenix-property-'));
  try {
    mkdirSync(join(path, 'scripts'));
    writeFileSync(join(path, 'scripts/app.sh'), '#!/bin/sh\ntrue\n');
    writeFileSync(join(path, 'scripts/other.sh'), '#!/bin/sh\nexit 0\n');
    writeFileSync(join(path, 'phoenix_hypervisor_config.json'), '{"folder_id":"property"}');
    writeFileSync(
      join(path, 'phoenix_lxc_configs.json'),
      JSON.stringify({ lxc_configs: Object.fromEntries(json) }),
    );
    if (vms.length > 0) writeFileSync(join(path, 'phoenix_vm_configs.json'), JSON.stringify({ vms }));
    const builtinFeatures = resolve('features');
    const { folder, diagnostics } = await loadFolder({ path, env: {}, cwd: path, builtinFeatures });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (!folder || errors.length > 0) throw new Error(JSON.stringify(errors, null, 2));
    return folder;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0').toUpperCase();
}
