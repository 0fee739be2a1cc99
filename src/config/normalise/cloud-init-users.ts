import type { DesiredUser } from '../../model/desired.ts';
import type { Path } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import type { CloudInitConfig } from '../schema/cloud-init.ts';
import type { SecretReader } from '../secrets.ts';

type UserConfig = NonNullable<CloudInitConfig['users']>[number];

/** The users that a VM declares, each with its place: the predecessor's one, which may become root, comes first. */
export function userEntries({
  config,
}: RawVm): readonly { readonly user: UserConfig; readonly path: Path }[] {
  const { user_config: first, cloud_init } = config;
  const users = (cloud_init?.users ?? []).map((user, index) => ({
    user,
    path: ['cloud_init', 'users', index],
  }));
  if (first?.username === undefined) return users;
  const { username: name, ssh_public_key: key, password, password_hash } = first;
  const user: UserConfig = {
    name,
    ssh_keys: key === undefined ? undefined : [key],
    password,
    password_hash,
    sudo: true,
    groups: undefined,
    shell: undefined,
  };
  return [{ user, path: ['user_config'] }, ...users];
}

/** The users that Cloud-Init makes. */
export function usersOf(guest: RawVm, secrets: SecretReader): readonly DesiredUser[] {
  return userEntries(guest).map(({ user, path }) => {
    const place = (key: keyof UserConfig) => ({ position: guest.at(...path, key), target: guest.vmid });
    const { password_hash: hash, password, shell } = user;
    return {
      name: user.name,
      sshKeys: [...new Set(user.ssh_keys)],
      ...(hash !== undefined && {
        passwordHash: typeof hash === 'string' ? hash : secrets(hash, place('password_hash')),
      }),
      ...(password !== undefined && { password: secrets(password, place('password')) }),
      hasSudo: user.sudo ?? false,
      groups: [...new Set(user.groups)],
      ...(shell !== undefined && { shell }),
    };
  });
}
