import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, type Launch } from '../../twin/host.ts';
import { mustRun } from '../command.ts';
import { clearMachineId } from './guest-files.ts';
import { type GuestRoot, existsInGuest, readGuestFile, writeGuestFile } from './guest-root.ts';

type Secrets = {
  readonly password?: string;
  readonly sshPublicKeys?: string;
  readonly isClone: boolean;
};

/** Gives a new root filesystem what is its own: machine id, root's password and keys, SSH host keys. */
export async function personalizeGuest(root: GuestRoot, launch: Launch, secrets: Secrets): Promise<void> {
  await clearMachineId(root);
  if (secrets.isClone) return;
  if (secrets.password !== undefined) await setRootPassword(root, secrets.password);
  if (secrets.sshPublicKeys !== undefined) {
    await writeGuestFile(root, '/root/.ssh/authorized_keys', `${secrets.sshPublicKeys.trim()}\n`, 0o600);
  }
  if (await existsInGuest(root, '/etc/ssh')) await makeHostKeys(root, launch.hostname);
}

async function setRootPassword(root: GuestRoot, password: string): Promise<void> {
  const shadow = await readGuestFile(root, '/etc/shadow');
  if (shadow === undefined) throw new HostError('no /etc/shadow in the container');
  const hash = (await mustRun(['openssl', 'passwd', '-6', '-stdin'], { stdin: `${password}\n` })).trim();
  const changed = shadow.replace(/^root:[^:]*:/m, () => `root:${hash}:`);
  await writeGuestFile(root, '/etc/shadow', changed, 0o640);
}

async function makeHostKeys(root: GuestRoot, hostname: string): Promise<void> {
  const folder = await mkdtemp('/run/phoenix-sandbox/keys-');
  try {
    await Promise.all(
      ['rsa', 'ecdsa', 'ed25519'].map(async (type) => {
        const name = `ssh_host_${type}_key`;
        const file = join(folder, name);
        await mustRun(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', `root@${hostname}`, '-f', file]);
        await writeGuestFile(root, `/etc/ssh/${name}`, await readFile(file, 'utf8'), 0o600);
        await writeGuestFile(root, `/etc/ssh/${name}.pub`, await readFile(`${file}.pub`, 'utf8'), 0o644);
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
