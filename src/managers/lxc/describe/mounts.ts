import type { Properties } from '../../../pve/property-string.ts';
import { parseSize } from '../../../pve/size.ts';
import { isBind, parseMount } from '../differences/mounts.ts';
import { definedOnly, flag, unsaid, type Part } from '../../guest/describe/part.ts';

/**
 * Root disk, volumes and bind mounts of a container's configuration, in the folder's words. Proxmox
 * makes no template of a container with bind mounts: those of a template are only remarked on.
 */
export function describeMounts(
  keys: ReadonlyMap<string, string>,
  isTemplate: boolean,
): Part & {
  readonly root: Readonly<Record<string, unknown>>;
} {
  const root = parseMount(keys.get('rootfs') ?? '');
  const size = gibibytes(root);
  const hasUsualSize = size !== undefined && size >= 10 && size <= 1024;
  const mounts = [...keys]
    .filter(([key]) => /^mp\d+$/.test(key))
    .map(([key, text]) => ({ key, text, mount: parseMount(text) }));
  const said = mounts.map((one): typeof one & Listed =>
    isTemplate && isBind(one.mount) ? one : { ...one, ...describeMount(one.mount) },
  );
  const listed = (list: 'volumes' | 'mount_points') => {
    const entries = said.flatMap((one) => (one.list === list ? [one.entry] : []));
    return entries.length === 0 ? undefined : entries;
  };
  return {
    root: { storage_pool: storageOf(root), storage_size_gb: hasUsualSize ? size : undefined },
    keys: { volumes: listed('volumes'), mount_points: listed('mount_points') },
    remarks: [
      ...(hasUsualSize
        ? []
        : [`rootfs size ${root.get('size') ?? 'unknown'}: outside what a folder may say; it stays as it is`]),
      ...otherParts('rootfs', root, ['volume', 'size']),
      ...said.flatMap(({ key, text, list, mount }) =>
        list === undefined
          ? [unsaid(`${key} ${text}`)]
          : otherParts(key, mount, ['volume', 'size', 'mp', 'ro', 'backup']),
      ),
    ],
  };
}

type Listed = {
  readonly list?: 'volumes' | 'mount_points';
  readonly entry?: Readonly<Record<string, unknown>>;
};

function describeMount(mount: Properties): Listed {
  const source = mount.get('volume') ?? '';
  const path = mount.get('mp');
  const readOnly = flag(mount.get('ro'));
  if (source.startsWith('/dev/')) return {};
  if (isBind(mount)) {
    const entry = definedOnly({ host_path: source, container_path: path, read_only: readOnly });
    return mount.has('backup') ? {} : { list: 'mount_points', entry };
  }
  const size = gibibytes(mount);
  if (size === undefined) return {};
  const entry = definedOnly({
    pool: storageOf(mount),
    size_gb: size,
    mount_point: path,
    backup: flag(mount.get('backup')),
    read_only: readOnly,
  });
  return { list: 'volumes', entry };
}

function otherParts(key: string, mount: Properties, told: readonly string[]): readonly string[] {
  const others = [...mount].filter(([part]) => !told.includes(part));
  return others.map(([part, value]) => unsaid(`${key} ${part}=${value}`));
}

/** Whole GiB; undefined where it is not whole. */
function gibibytes(mount: Properties): number | undefined {
  const bytes = parseSize(mount.get('size') ?? '');
  return bytes !== undefined && bytes > 0 && bytes % 1024 ** 3 === 0 ? bytes / 1024 ** 3 : undefined;
}

function storageOf(mount: Properties): string | undefined {
  return mount.get('volume')?.split(':', 1)[0];
}
