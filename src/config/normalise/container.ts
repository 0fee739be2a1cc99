import type {
  DesiredContainer,
  DesiredDevice,
  DesiredIdMap,
  DesiredMount,
  DesiredVolume,
} from '../../model/desired.ts';
import type { GuestId } from '../../model/target.ts';
import type { RawContainer } from '../raw-guest.ts';
import { guestCommon, type NormaliseContext } from './guest-common.ts';
import { nicsOf } from './nics.ts';
import { rawLinesOf } from './raw-lines.ts';
import { withoutTrailingSlash } from './trailing-slash.ts';

/** A container with its keys' quirks resolved. What is contradictory is reported. */
export function containerOf(guest: RawContainer, context: NormaliseContext): DesiredContainer {
  const { config } = guest;
  const { findings } = context;
  const idMaps = idMapsOf(guest);
  const nameservers = nameserversOf(config.network_config?.nameservers);
  const searchDomain = config.search_domain ?? config.network_config?.search_domain;
  const pctFeatures = pctFeaturesOf(guest);
  const profile = context.assets.get('profile', config.apparmor_profile ?? 'unconfined').found;
  return {
    kind: 'lxc',
    ...guestCommon(guest, context),
    ...(config.template !== undefined && { template: config.template }),
    ...(config.clone_from_ctid !== undefined && { cloneFrom: cloneSource(config.clone_from_ctid, context) }),
    ...(config.storage_pool !== undefined && { storage: config.storage_pool }),
    ...(config.storage_size_gb !== undefined && { rootfsGiB: config.storage_size_gb }),
    ...(config.swap_mb !== undefined && { swapMiB: config.swap_mb }),
    ...(config.unprivileged !== undefined && { unprivileged: config.unprivileged }),
    ...(nameservers && { nameservers }),
    ...(searchDomain !== undefined && { searchDomain }),
    ...(config.timezone !== undefined && { timezone: config.timezone }),
    ...(config.protection !== undefined && { protection: config.protection }),
    ...(pctFeatures && { pctFeatures }),
    nics: nicsOf(guest, findings),
    volumes: volumesOf(guest),
    mounts: mountsOf(guest),
    devices: devicesOf(guest),
    gpus: gpusOf(config.gpu_assignment),
    ...(profile && { apparmorProfile: { name: config.apparmor_profile ?? '', content: profile.text } }),
    idMaps,
    rawLines: rawLinesOf(guest, idMaps, findings),
  };
}

function cloneSource(
  reference: string | number,
  context: NormaliseContext,
): { readonly vmid: GuestId; readonly snapshot?: string } {
  const vmid = Number(reference);
  const snapshot = context.snapshotOf(vmid);
  return { vmid, ...(snapshot !== undefined && { snapshot }) };
}

/** DNS servers from a text (parted by spaces or commas) or a list. */
export function nameserversOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const servers = typeof value === 'string' ? value.split(/[ ,]+/).filter((part) => part !== '') : value;
  return servers.length === 0 ? undefined : servers;
}

/** GPU indices from `none`, `"0, 1"`, a number or a list; sorted, each once. */
export function gpusOf(value: string | number | readonly number[] | undefined): readonly number[] {
  if (value === undefined || value === 'none') return [];
  const indices = typeof value === 'string' ? value.split(',').map(Number) : [value].flat();
  return [...new Set(indices)].sort((a, b) => a - b);
}

/** `["nesting=1"]` as a map; undefined (not managed) where the list is absent, none where it is empty. */
function pctFeaturesOf(guest: RawContainer): Readonly<Record<string, string>> | undefined {
  const options = guest.config.pct_options;
  if (!options) return undefined;
  const entries = options.map((option): [string, string] => {
    const at = option.indexOf('=');
    return [option.slice(0, at), option.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

function volumesOf({ config }: RawContainer): readonly DesiredVolume[] {
  return [...(config.volumes ?? []), ...(config.zfs_volumes ?? [])].map((volume) => ({
    storage: volume.pool,
    sizeGiB: volume.size_gb,
    path: withoutTrailingSlash(volume.mount_point),
    ...(volume.name !== undefined && { name: volume.name }),
    ...(volume.backup !== undefined && { backup: volume.backup }),
    ...(volume.read_only !== undefined && { readOnly: volume.read_only }),
  }));
}

function mountsOf({ config }: RawContainer): readonly DesiredMount[] {
  return (config.mount_points ?? []).map((mount) => ({
    hostPath: withoutTrailingSlash(mount.host_path),
    path: withoutTrailingSlash(mount.container_path),
    ...(mount.read_only !== undefined && { readOnly: mount.read_only }),
    ...(mount.owner_uid !== undefined && { ownerUid: mount.owner_uid }),
    ...(mount.owner_gid !== undefined && { ownerGid: mount.owner_gid }),
  }));
}

function devicesOf({ config }: RawContainer): readonly DesiredDevice[] {
  return (config.devices ?? []).map((device) => {
    if (typeof device === 'string') return { path: device };
    const { path, mode, uid, gid } = device;
    return {
      path,
      ...(mode !== undefined && { mode: mode.padStart(4, '0') }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    };
  });
}

function idMapsOf({ config }: RawContainer): readonly DesiredIdMap[] {
  return (config.id_maps ?? []).map(({ type, container_id, host_id, size }) => ({
    type: type.startsWith('u') ? 'uid' : 'gid',
    containerId: container_id,
    hostId: host_id,
    size,
  }));
}
