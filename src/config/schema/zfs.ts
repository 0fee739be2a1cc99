import * as v from 'valibot';
import { idle, key, need, once } from './key.ts';
import * as s from './scalars.ts';

const poolName = once(() => s.line('the name of a pool', /^[A-Za-z][A-Za-z0-9_.:-]*$/, 100));

const pool = once(() =>
  v.object({
    name: need(poolName(), 'Name of the pool.'),
    raid_level: need(
      v.pipe(
        v.string(),
        v.regex(/^(?:single|stripe|mirror|raid(?:z[123]?|0|1|10))$/i),
        v.metadata({ expects: 'single, stripe, mirror, raidz1, raidz2, raidz3 or raid10' }),
      ),
      'How its disks are joined. Nothing else is taken for a stripe.',
      { example: 'mirror' },
    ),
    disks: need(
      v.pipe(
        v.array(s.line('a disk, such as /dev/disk/by-id/…', /^\/dev\/[^\s,]+$/)),
        v.minLength(1),
        v.metadata({ expects: 'a list of disks' }),
      ),
      'Its disks.',
    ),
  }),
);

const dataset = once(() =>
  v.object({
    name: need(
      s.line('the name of a dataset', /^[A-Za-z0-9][A-Za-z0-9_.:/-]*$/, 200),
      'Name below its pool.',
    ),
    pool: need(poolName(), 'Its pool.'),
    properties: key(
      v.pipe(
        v.string(),
        v.check(arePairs, 'bad-format'),
        v.metadata({ expects: 'k=v pairs parted by commas', keepsEmpty: true }),
      ),
      'ZFS properties, k=v parted by commas.',
      { example: 'compression=lz4,quota=800G' },
    ),
    proxmox_storage_type: key(
      v.pipe(v.picklist(['zfspool', 'dir']), v.metadata({ expects: 'zfspool or dir' })),
      'How Proxmox uses it.',
    ),
    proxmox_content_type: key(
      v.pipe(
        v.string(),
        v.regex(
          /^(?:none|(?:images|rootdir|vztmpl|iso|backup|snippets|import)(?:,(?:images|rootdir|vztmpl|iso|backup|snippets|import))*)$/,
        ),
        v.metadata({
          expects:
            'content types parted by commas: images, rootdir, vztmpl, iso, backup, snippets, import; or none',
        }),
      ),
      'What Proxmox keeps there. Default none.',
      { example: 'images,rootdir' },
    ),
    storage_class: idle('direct or shared.', '`proxmox_storage_type` says how it is used'),
  }),
);

/** The keys of the hypervisor's file about pools, datasets and the storages made of them. */
export const zfsKeys = once(() => ({
  zfs: key(
    v.object({
      arc_max_gb: key(s.whole(1, 65_536, 'GiB'), 'Most memory that ZFS caches with.'),
      pools: key(v.array(pool()), 'Pools.'),
      datasets: key(v.array(dataset()), 'Datasets.'),
      settings: key(
        v.object({
          allow_destructive_operations: key(s.flag, 'Wipe disks.', {
            noEffect:
              "a file never gives consent to destroy data; `--allow destroys-data` and the disk's serial do",
          }),
        }),
        'Settings.',
      ),
    }),
    'ZFS of the node.',
  ),
  proxmox_storage_ids: key(
    v.record(v.string(), s.storageId),
    'Storage ids by `<pool>_<dataset>`. Default `<pool>-<dataset>`.',
    { example: { fastData_shared_iso: 'fastData-shared-iso' } },
  ),
}));

function arePairs(text: string): boolean {
  return text === '' || text.split(',').every((part) => /^\s*[a-z][a-z0-9:._-]*=[^\s=,]+\s*$/.test(part));
}
