import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeGroup } from './cgroup.ts';
import { mustRun } from './command.ts';
import { UPLINK } from './holder.ts';
import { type ToolSettings, rootPath, spawnPrefix } from './inside.ts';
import { INSIDE, type Layout } from './layout.ts';
import type { SandboxNeeds } from './needs.ts';
import { NETWORK_RULES } from './network-rules.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { storageEntry } from './storage-entry.ts';
import { TOOL_WRAPPER } from './tool-wrapper.ts';

export type Program = {
  /** The bundled tools, `sandbox-tool.cjs`. */
  readonly toolPath: string;
  readonly nodePath: string;
};

/**
 * Makes in a running sandbox what a folder takes for granted: Proxmox's files and tools, storages,
 * bridges with NAT, host paths. Doing it again changes nothing that is in use.
 */
export async function provision(
  holder: ProcessIdentity,
  layout: Layout,
  nodeName: string,
  needs: SandboxNeeds,
  program: Program,
): Promise<void> {
  const root = rootPath(holder);
  await provideProxmoxFiles(root, nodeName);
  await provideStorages(root, needs);
  await provideTools(
    root,
    layout,
    nodeName,
    needs.templates.map(({ name }) => name),
    program,
  );
  await provideSystemFiles(root, nodeName, needs);
  const bridges = needs.bridges.flatMap(({ name, addresses }) =>
    (addresses.length === 0 ? [''] : addresses).flatMap((address) => [name, address]),
  );
  await mustRun([...spawnPrefix(holder), 'sh', '-c', NETWORK_SCRIPT, 'network', ...bridges], {
    stdin: NETWORK_RULES,
  });
  const paths = needs.hostPaths.filter((path) => !isVital(path));
  await mustRun([...spawnPrefix(holder), 'sh', '-c', PATHS_SCRIPT, 'paths', ...paths]);
}

/** True for a path that a machine can't run without: it is never covered by an empty folder. */
export function isVital(path: string): boolean {
  const clean = path.replace(/\/+$/, '');
  return (
    clean === '' || VITAL.some((vital) => clean === vital || vital.startsWith(`${clean}/`)) || OWN.test(clean)
  );
}

const VITAL = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/run', '/sbin', '/sys', '/usr/bin',
  '/usr/lib', '/usr/sbin', '/var/lib/lxc', '/var/lib/phoenix', '/var/lib/vz', '/tmp']; // prettier-ignore
const OWN = /^\/(?:proc|sys|dev|run\/phoenix-sandbox|etc\/pve)(?:\/|$)/;

async function provideProxmoxFiles(root: string, nodeName: string): Promise<void> {
  const pve = join(root, 'etc/pve');
  for (const folder of ['lxc', 'qemu-server', 'priv']) {
    await mkdir(join(pve, 'nodes', nodeName, folder), { recursive: true });
  }
  for (const folder of ['priv/phoenix', 'priv/lock', 'firewall']) {
    await mkdir(join(pve, folder), { recursive: true });
  }
  for (const [link, target] of [
    ['lxc', `nodes/${nodeName}/lxc`],
    ['qemu-server', `nodes/${nodeName}/qemu-server`],
    ['local', `nodes/${nodeName}`],
  ] as const) {
    await symlink(target, join(pve, link)).catch(ignoreExisting);
  }
  await mkdir(join(root, 'var/log/pve/tasks'), { recursive: true });
  for (const folder of ['template/cache', 'template/iso', 'snippets', 'dump', 'images', 'import']) {
    await mkdir(join(root, 'var/lib/vz', folder), { recursive: true });
  }
}

async function provideStorages(root: string, needs: SandboxNeeds): Promise<void> {
  const path = join(root, 'etc/pve/storage.cfg');
  const before = await readFile(path, 'utf8').catch(() => '');
  const missing = needs.storages.filter(
    ({ id }) => !new RegExp(`^[a-z]+: ${escapeRegExp(id)}$`, 'm').test(before),
  );
  for (const storage of missing) {
    if (storage.type !== 'zfspool')
      await mkdir(join(root, storage.path, 'template/cache'), { recursive: true });
  }
  if (missing.length > 0) await replaceFile(path, before + missing.map(storageEntry).join(''), 0o640);
}

async function provideTools(
  root: string,
  layout: Layout,
  nodeName: string,
  templates: readonly string[],
  program: Program,
): Promise<void> {
  const bundle = await readFile(program.toolPath);
  const target = join(root, INSIDE.root, 'sandbox-tool.cjs');
  const present = await readFile(target).catch(() => undefined);
  if (present === undefined || !bundle.equals(present)) await replaceFile(target, bundle, 0o644);
  for (const name of ['pct', 'qm', 'pvesm', 'pveam', 'pvesh']) {
    const wrapper = TOOL_WRAPPER.replaceAll('@NODE@', program.nodePath).replaceAll('@TOOL@', name);
    await replaceFile(join(root, 'usr/sbin', name), wrapper, 0o755);
  }
  const settings: ToolSettings = {
    cgroup: layout.cgroup,
    nodeName,
    toolGroup: await makeGroup(layout.cgroup, 'tools'),
    machineGroup: await makeGroup(layout.cgroup, 'machines'),
    dns: UPLINK.dns,
    templates,
  };
  await replaceFile(join(root, INSIDE.settings), JSON.stringify(settings), 0o644);
}

async function provideSystemFiles(root: string, nodeName: string, needs: SandboxNeeds): Promise<void> {
  const address = needs.bridges[0]?.addresses[0]?.split('/')[0] ?? DEFAULT_ADDRESS;
  await replaceFile(join(root, 'etc/hostname'), `${nodeName}\n`, 0o644);
  await replaceFile(
    join(root, 'etc/hosts'),
    `127.0.0.1 localhost\n${address} ${nodeName}\n::1 localhost\n`,
    0o644,
  );
  await replaceFile(join(root, 'etc/resolv.conf'), `nameserver ${UPLINK.dns}\n`, 0o644);
  for (const name of ['etc/subuid', 'etc/subgid']) {
    await replaceFile(join(root, name), 'root:1:4294967294\n', 0o644);
  }
}

const DEFAULT_ADDRESS = '10.99.0.1';

async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.phoenix-new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}

/**
 * Arguments: bridge and address in pairs; a bridge that no address is asked for gets one of its own
 * where it has none. On stdin the rules of nftables.
 */
const NETWORK_SCRIPT = String.raw`
set -eu
echo 1 >/proc/sys/net/ipv4/ip_forward
while [ $# -gt 1 ]; do
  [ -d "/sys/class/net/$1" ] || ip link add "$1" type bridge
  address=$2
  if [ -z "$address" ]; then
    case $(ip -o -4 address show dev "$1") in
    '') address=10.99.0.1/24 ;;
    esac
  fi
  [ -z "$address" ] || ip address replace "$address" dev "$1"
  ip link set "$1" up
  shift 2
done
nft -f -`;

/** Arguments: host paths. Each is covered once by a folder or file of the sandbox's own. */
const PATHS_SCRIPT = String.raw`
set -eu
for path in "$@"; do
  own=/run/phoenix-sandbox/disk/host$path
  if [ -f "$path" ] && [ ! -d "$own" ]; then
    mkdir -p "${'${own%/*}'}"
    [ -e "$own" ] || : >"$own"
  else
    mkdir -p "$own" "$path"
  fi
  [ "$path" -ef "$own" ] || mount --bind "$own" "$path"
done`;

/** What provides things inside; another text of them provides anew. */
export const SCRIPTS: readonly string[] = [NETWORK_SCRIPT, NETWORK_RULES, PATHS_SCRIPT, TOOL_WRAPPER];

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Is there a file or folder at this path of the sandbox? */
export async function existsInside(holder: ProcessIdentity, path: string): Promise<boolean> {
  return stat(join(rootPath(holder), path)).then(
    () => true,
    () => false,
  );
}
