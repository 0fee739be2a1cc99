import { byCode } from '../call/lists.ts';

/** How a storage type stores guests' disks. */
export type StorageType = {
  /** How volumes are named and found: files in folders, ZFS datasets, logical volumes. */
  readonly naming: 'files' | 'zfs' | 'lvm';
  readonly contents: readonly string[];
  readonly defaultContents: readonly string[];
  /** Features by the state of a volume (`base`, `current`, `snap`) and the formats that have them. */
  readonly features: Features;
  /** Is this type's data on another machine? */
  readonly isRemote: boolean;
};

export type Feature = 'snapshot' | 'clone' | 'template' | 'copy' | 'rename' | 'sparseinit';
type State = 'base' | 'current' | 'snap';
type Features = Partial<Record<Feature, Partial<Record<State, string>>>>;

/** An option of a storage type: can it be left out, can it be changed later? */
type Option = { readonly isOptional: boolean; readonly isFixed: boolean };

const FILE_CONTENTS = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'none', 'import'];
const ANY = 'raw subvol qcow2 vmdk';
const FILE_FEATURES: Features = {
  snapshot: { current: 'qcow2', snap: 'qcow2' },
  clone: { base: 'qcow2 raw vmdk' },
  template: { current: 'qcow2 raw vmdk subvol' },
  copy: { base: 'qcow2 raw vmdk', current: 'qcow2 raw vmdk', snap: 'qcow2' },
  sparseinit: { base: 'qcow2 raw vmdk', current: 'qcow2 raw vmdk' },
  rename: { current: 'qcow2 raw vmdk' },
};
const FILES: StorageType = {
  naming: 'files',
  contents: FILE_CONTENTS,
  defaultContents: ['images', 'rootdir'],
  features: FILE_FEATURES,
  isRemote: false,
};
const DISKS = { contents: ['images', 'rootdir'], defaultContents: ['images', 'rootdir'], isRemote: false };

/** What each storage type can do. */
export const PLUGINS: Readonly<Record<string, StorageType>> = {
  dir: FILES,
  nfs: { ...FILES, defaultContents: ['images'], isRemote: true },
  cifs: { ...FILES, defaultContents: ['images'], isRemote: true },
  glusterfs: { ...FILES, defaultContents: ['images'], isRemote: true },
  cephfs: {
    ...FILES,
    contents: ['vztmpl', 'iso', 'backup', 'snippets', 'import'],
    defaultContents: ['backup'],
    isRemote: true,
  },
  btrfs: {
    ...FILES,
    features: {
      snapshot: { current: 'qcow2 raw subvol', snap: 'qcow2 raw subvol' },
      clone: { base: 'qcow2 raw subvol vmdk', current: 'raw', snap: 'raw' },
      template: { current: ANY },
      copy: { base: ANY, current: ANY, snap: 'qcow2 raw subvol' },
      sparseinit: { base: 'qcow2 raw vmdk', current: 'qcow2 raw vmdk' },
      rename: { current: 'qcow2 raw vmdk' },
    },
  },
  zfspool: {
    ...DISKS,
    naming: 'zfs',
    features: {
      snapshot: { current: ANY, snap: ANY },
      clone: { base: ANY },
      template: { current: ANY },
      copy: { base: ANY, current: ANY },
      sparseinit: { base: ANY, current: ANY },
      rename: { current: ANY },
    },
  },
  lvmthin: {
    ...DISKS,
    naming: 'lvm',
    features: {
      snapshot: { current: ANY },
      clone: { base: ANY, snap: ANY },
      template: { current: ANY },
      copy: { base: ANY, current: ANY, snap: ANY },
      sparseinit: { base: ANY, current: ANY },
      rename: { current: ANY },
    },
  },
  lvm: {
    ...DISKS,
    naming: 'lvm',
    defaultContents: ['images'],
    features: { copy: { base: ANY, current: ANY }, rename: { current: ANY } },
  },
  rbd: {
    ...DISKS,
    naming: 'lvm',
    defaultContents: ['images'],
    isRemote: true,
    features: {
      snapshot: { current: ANY, snap: ANY },
      clone: { base: ANY, snap: ANY },
      template: { current: ANY },
      copy: { base: ANY, current: ANY, snap: ANY },
      sparseinit: { base: ANY, current: ANY },
      rename: { current: ANY },
    },
  },
};

/** The options of each storage type that the twin can add. A `!` cannot be changed, a `?` can be left out. */
export const OPTIONS: Readonly<Record<string, Readonly<Record<string, Option>>>> = {
  dir: options(
    'path! content-dirs? nodes? shared? disable? maxfiles? prune-backups? max-protected-backups? content?' +
      ' format? mkdir? create-base-path? create-subdirs? is_mountpoint? bwlimit? preallocation?',
  ),
  btrfs: options(
    'path! nodes? shared? disable? maxfiles? prune-backups? max-protected-backups? content? format?' +
      ' is_mountpoint? nocow? mkdir? create-base-path? create-subdirs? preallocation?',
  ),
  zfspool: options('pool! blocksize? sparse? nodes? disable? content? bwlimit? mountpoint?'),
  lvmthin: options('thinpool! vgname! nodes? disable? content? bwlimit?'),
  lvm: options(
    'vgname! nodes? shared? disable? saferemove? saferemove_throughput? content? base!? tagged_only? bwlimit?',
  ),
  nfs: options(
    'export! path!? server! content-dirs? nodes? disable? maxfiles? prune-backups? max-protected-backups?' +
      ' options? content? format? mkdir? create-base-path? create-subdirs? bwlimit? preallocation?',
  ),
  cifs: options(
    'share! path!? server! subdir? content-dirs? nodes? disable? maxfiles? prune-backups?' +
      ' max-protected-backups? content? format? username? password? domain? smbversion? mkdir?' +
      ' create-base-path? create-subdirs? bwlimit? preallocation? options?',
  ),
};

/** Does a storage type have a feature for a volume of this format in this state? */
export function hasFeature(type: StorageType, feature: Feature, state: State, format: string): boolean {
  return (type.features[feature]?.[state] ?? '').split(' ').includes(format);
}

function options(text: string): Record<string, Option> {
  const known = text.split(' ').toSorted(byCode);
  return Object.fromEntries(
    known.map((word) => [
      word.replace(/[!?]+$/, ''),
      { isOptional: word.includes('?'), isFixed: word.includes('!') },
    ]),
  );
}
