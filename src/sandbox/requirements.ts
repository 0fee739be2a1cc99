import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SYSTEM_PATH, mustRun, runCommand } from './command.ts';
import type { SandboxNeeds } from './needs.ts';
import { templateSource } from './template-source.ts';
import { hasUbuntuKeys } from './templates.ts';

/** The Debian packages that a sandbox needs and this machine lacks. */
export async function missingPackages(needs: SandboxNeeds): Promise<string[]> {
  const wanted = new Map(ALWAYS);
  if (needs.bridges.some((bridge) => bridge.hasDhcpGuests)) wanted.set('dnsmasq-base', 'dnsmasq');
  if (needs.hasMachines) for (const [name, program] of FOR_MACHINES) wanted.set(name, program);
  const missing: string[] = [];
  for (const [name, program] of wanted) {
    if (!(await isOnPath(program))) missing.push(name);
  }
  const isUbuntu = needs.templates.some(({ name }) => templateSource(name).distribution === 'ubuntu');
  if (isUbuntu && !(await hasUbuntuKeys())) missing.push(...(await ubuntuKeyring()));
  return missing;
}

/** Installs Debian packages; what apt says goes to `onOutput`. */
export async function installDebianPackages(
  names: readonly string[],
  onOutput: (text: string) => void,
): Promise<void> {
  const options = {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    onOutput: (_: string, text: string) => onOutput(text),
  };
  await mustRun(['apt-get', 'update', '-q'], options);
  await mustRun(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names], options);
}

/** Package and a program of it. */
const ALWAYS: readonly (readonly [string, string])[] = [
  ['lxc', 'lxc-start'],
  ['uidmap', 'newuidmap'],
  ['debootstrap', 'debootstrap'],
  ['btrfs-progs', 'mkfs.btrfs'],
  ['nftables', 'nft'],
  ['iproute2', 'ip'],
  ['slirp4netns', 'slirp4netns'],
  ['zstd', 'zstd'],
  ['util-linux', 'nsenter'],
  ['mount', 'losetup'],
  ['openssl', 'openssl'],
  ['openssh-client', 'ssh-keygen'],
  // Its modules; the interpreter alone is everywhere.
  ['perl', 'json_pp'],
];

/** The same for folders with virtual machines. */
const FOR_MACHINES: readonly (readonly [string, string])[] = [
  ['qemu-system-x86', 'qemu-system-x86_64'],
  ['qemu-utils', 'qemu-img'],
  ['genisoimage', 'genisoimage'],
  ['e2fsprogs', 'mkfs.ext4'],
];

/** The package with Ubuntu's keys; not every Debian release has one. */
async function ubuntuKeyring(): Promise<string[]> {
  for (const name of ['ubuntu-keyring', 'ubuntu-archive-keyring']) {
    const { stdout } = await runCommand(['apt-cache', 'policy', name]);
    if (/^ {2}Candidate: (?!\(none\))/m.test(stdout)) return [name];
  }
  return [];
}

async function isOnPath(program: string): Promise<boolean> {
  const found = await Promise.all(SYSTEM_PATH.split(':').map((folder) => exists(join(folder, program))));
  return found.includes(true);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
