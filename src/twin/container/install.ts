import type { GuestId } from '../../model/target.ts';
import type { Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { findEnabled, type StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';
import { writeConfig, type Config } from './config.ts';
import { launchOf } from './launch.ts';
import { mountsOf, splitVolumeId } from './volumes.ts';

/**
 * Unpacks a template into a new container, notes what it turned out to be, writes the configuration
 * as far as it is known (the lock is gone from then on, defaults come later), and sets the system up.
 */
export async function installTemplate(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: Config,
  template: string,
  parameters: Parameters,
): Promise<void> {
  await refuseMissingSources(session, config);
  const archive = await findArchive(session, storages, template);
  session.print(`extracting archive '${archive}'\n`);
  const installed = await session.host.guests.install(launchOf(vmid, config.head, storages), archive);
  const mebibytes = Math.ceil(installed.bytes / 1024 ** 2);
  session.print(`Total bytes read: ${installed.bytes} (${mebibytes}MiB, ${mebibytes}MiB/s)\n`);
  const { keys } = config.head;
  if (!keys.has('arch')) {
    session.print(`Detected container architecture: ${installed.arch}\n`);
    keys.set('arch', installed.arch);
  }
  if (!keys.has('ostype')) keys.set('ostype', installed.ostype);
  await writeConfig(session, vmid, config);
  const password = parameters.text('password');
  const sshPublicKeys = parameters.text('ssh-public-keys');
  const launch = launchOf(vmid, config.head, storages);
  await session.host.guests.personalize(launch, {
    ...(password !== undefined && { password }),
    ...(sshPublicKeys !== undefined && { sshPublicKeys }),
    isClone: false,
  });
  for (const kind of ['rsa', 'ecdsa', 'ed25519']) {
    session.print(`Creating SSH host key 'ssh_host_${kind}_key' - this may take some time ...\n`);
    session.print(`done: SHA256:${vmid}${kind} root@${launch.hostname}\n`);
  }
}

async function refuseMissingSources(session: Session, config: Config): Promise<void> {
  for (const mount of mountsOf(config.head)) {
    if (mount.kind === 'volume') continue;
    const stat = await session.host.files.stat(mount.volume);
    if (mount.kind === 'bind' ? stat?.type === 'directory' : stat !== undefined) continue;
    session.warn('mounting container failed');
    throw new ToolError(
      mount.kind === 'bind'
        ? `directory '${mount.volume}' does not exist`
        : `command 'mount ${mount.volume} /var/lib/lxc/.pve-staged-mounts${mount.path}' failed: exit code 32`,
    );
  }
}

async function findArchive(session: Session, storages: StorageConfig, template: string): Promise<string> {
  const split = splitVolumeId(template);
  if (split === undefined) {
    if ((await session.host.files.stat(template))?.type !== 'file') {
      throw new ToolError(`can't find file '${template}'`);
    }
    return template;
  }
  findEnabled(session, storages, split.storage);
  const { storage, name } = locate(storages, template);
  const path = pathOf(storage, name);
  if ((await session.host.files.stat(path)) === undefined) {
    throw new ToolError(`volume '${template}' does not exist`);
  }
  return path;
}
