import { chmod, chown, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { HostError, type Installed, type Launch, type VolumeRef } from '../../twin/host.ts';
import { mustRun, runCommand } from '../command.ts';
import { INSIDE } from '../layout.ts';
import { asContainerRoot, effectiveIdMap, hostId } from './id-map.ts';
import { createSubvolume, deleteSubvolume } from './subvolume.ts';
import { dataPath } from './volume-store.ts';
import { replaceData } from './volumes.ts';

/**
 * Unpacks a template's archive over a new container's volumes. An archive is unpacked once for each
 * id map; containers get copy-on-write copies of that.
 */
export async function installTemplate(launch: Launch, archive: string): Promise<Installed> {
  const rootfs = volumeOf(launch, '/');
  if (rootfs === undefined) throw new HostError('the root filesystem is no volume');
  const base = await provideBase(launch, archive);
  await replaceData(rootfs, join(base, 'data'));
  const root = dataPath(rootfs);
  for (const mount of launch.mounts.filter((one) => one.path !== '/')) {
    const volume = volumeOf(launch, mount.path);
    if (volume !== undefined) await moveContents(join(root, mount.path), dataPath(volume));
    else await mkdir(join(root, mount.path), { recursive: true });
  }
  return JSON.parse(await readFile(join(base, 'installed.json'), 'utf8')) as Installed;
}

function volumeOf(launch: Launch, path: string): VolumeRef | undefined {
  const source = launch.mounts.find((mount) => mount.path === path)?.source;
  return source?.kind === 'volume' ? source.volume : undefined;
}

async function provideBase(launch: Launch, archive: string): Promise<string> {
  const map = effectiveIdMap(launch);
  const { size, mtimeMs } = await stat(archive).catch(() => {
    throw new HostError(`unable to open file '${archive}'`);
  });
  const key = createHash('sha256')
    .update(JSON.stringify([archive, size, mtimeMs, map]))
    .digest('hex');
  const base = join(INSIDE.bases, key.slice(0, 16));
  if (await stat(base).catch(() => undefined)) return base;
  const fresh = `${base}.${Date.now()}`;
  await mkdir(fresh, { recursive: true });
  const data = join(fresh, 'data');
  try {
    await createSubvolume(data);
    await chown(data, hostId(map, 'u', 0), hostId(map, 'g', 0));
    await chmod(data, 0o755);
    const bytes = await unpack(archive, data, asContainerRoot(map));
    const installed: Installed = { ostype: await osType(data), arch: await architecture(data), bytes };
    await writeFile(join(fresh, 'installed.json'), JSON.stringify(installed));
    await rename(fresh, base).catch(ignoreRace);
  } finally {
    await deleteSubvolume(data);
    await rm(fresh, { recursive: true, force: true });
  }
  return base;
}

async function unpack(archive: string, folder: string, prefix: readonly string[]): Promise<number> {
  const program = await decompressor(archive);
  const { code, stderr } = await runCommand([
    'sh', '-c', `exec "$@" <"$0"`, archive, ...prefix,
    'tar', '-C', folder, ...(program === undefined ? [] : ['-I', program]), '--numeric-owner', '--totals',
    '--xattrs', '--xattrs-include=*', '--exclude=./dev/?*', '-xpf', '-',
  ]); // prettier-ignore
  if (code !== 0) throw new HostError(`unable to extract '${archive}': ${stderr.trim()}`);
  return Number(/Total bytes read: (\d+)/.exec(stderr)?.[1] ?? 0);
}

/** Told from the first bytes: a template given by its path may have any name. */
async function decompressor(archive: string): Promise<string | undefined> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
    const magic = buffer.toString('hex');
    if (magic.startsWith('28b52ffd')) return 'zstd';
    if (magic.startsWith('1f8b')) return 'gzip';
    if (magic.startsWith('fd377a585a00')) return 'xz';
    if (magic.startsWith('425a68')) return 'bzip2';
    return undefined;
  } finally {
    await file.close();
  }
}

async function osType(root: string): Promise<string> {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const text = await readFile(join(root, path), 'utf8').catch(() => '');
    const id = /^ID="?([a-z]+)"?$/m.exec(text)?.[1];
    if (id !== undefined && OS_TYPES.has(id)) return id;
  }
  return 'unmanaged';
}

const OS_TYPES = new Set([
  'alpine',
  'archlinux',
  'centos',
  'debian',
  'devuan',
  'fedora',
  'gentoo',
  'nixos',
  'ubuntu',
]);

/** Read from the header of the shell, as Proxmox does. */
async function architecture(root: string): Promise<string> {
  const folder = (await readdir(join(root, 'usr/bin')).catch((): string[] => [])).includes('dash')
    ? 'usr/bin/dash'
    : 'bin/busybox';
  const header = await readFile(join(root, folder)).catch(() => Buffer.alloc(20));
  return MACHINES.get(header.length > 19 ? header.readUInt16LE(18) : 0) ?? 'amd64';
}

const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [40, 'armhf'],
  [62, 'amd64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);

async function moveContents(folder: string, target: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  await mustRun(['cp', '-a', '--reflink=auto', '-T', folder, target]);
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Another tool unpacked the same archive meanwhile. */
function ignoreRace(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}
