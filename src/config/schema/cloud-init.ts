import * as v from 'valibot';
import { key, need, once } from './key.ts';
import * as s from './scalars.ts';
import { secretReference } from './secret.ts';

const userName = s.line('a user name', /^[a-z_][a-z0-9_-]{0,31}$/);
const publicKey = s.line('a public SSH key', /^(?:ssh|ecdsa|sk)-\S+ \S+/, 16_384);
const templateFile = s.line('the name of a YAML file in `templates/`', /^[^\\]+\.ya?ml$/, 255);

const passwordHash = once(() =>
  v.pipe(
    v.union([s.line('a hash', /^(?:\$[0-9a-z]+\$\S+|[!*]+)$/), secretReference]),
    v.metadata({
      expects: 'a hash that crypt(3) understands, or a secret reference',
      remedy: 'Make one with: openssl passwd -6',
      isSecret: true,
    }),
  ),
);

const user = once(() =>
  v.object({
    name: need(userName, 'Name.', { example: 'admin' }),
    ssh_keys: key(v.array(publicKey), 'Keys that may log in.'),
    password_hash: key(passwordHash(), 'Hash of the password, as `openssl passwd -6` makes it.'),
    password: key(secretReference, 'Password; only a hash of it leaves the machine that runs Phoenix.'),
    groups: key(v.array(s.line('the name of a group', /^[a-z_][a-z0-9_-]{0,31}$/)), 'Groups beside its own.'),
    shell: key(s.absolutePath, 'Login shell.', { example: '/bin/bash' }),
    sudo: key(s.flag, 'Let it become root without a password. Default false.'),
  }),
);

const file = once(() =>
  v.object({
    path: need(s.absolutePath, 'Path in the VM.', { example: '/etc/motd' }),
    content: key(
      v.pipe(v.union([s.fileText, secretReference]), v.metadata({ expects: 'a text' })),
      'Its text. Either this or `source`. Never a secret.',
      { keepsEmpty: true },
    ),
    source: key(s.fileName, 'A file in `files/` of the folder. Either this or `content`.', {
      example: 'motd',
    }),
    mode: key(s.line('octal permissions, such as 0644', /^0?[0-7]{3,4}$/), 'Permissions. Default 0644.'),
    owner: key(
      s.line('an owner, such as root:root', /^[a-z_][a-z0-9_-]*(?::[a-z_][a-z0-9_-]*)?$/),
      'Owner. Default root:root.',
    ),
  }),
);

const runCommand = v.pipe(
  v.union([
    v.pipe(s.fileText, v.minLength(1)),
    v.pipe(v.array(s.anyLine), v.minLength(1), v.metadata({ expects: 'a program and its arguments' })),
  ]),
  v.metadata({ expects: 'a shell command, or a list of a program and its arguments' }),
);

/** What the first boot of a VM sets up. */
export const cloudInit = once(() =>
  v.object({
    hostname: key(
      s.line('a host name without dots', /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/),
      "Host name. Default: the VM's name up to its first dot.",
    ),
    fqdn: key(
      s.hostName,
      'Full name. Default: the host name with `domain_name` of the node behind it, where that is set.',
    ),
    timezone: key(
      s.line('a timezone, such as Europe/Berlin', /^(?!host$)[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/),
      'Timezone.',
      { example: 'Europe/Berlin' },
    ),
    users: key(v.array(user()), 'Users.'),
    packages: key(
      v.array(s.line('the name of a package', /^[A-Za-z0-9][A-Za-z0-9+.:~_=/-]*$/)),
      'Packages that are installed.',
      { example: ['qemu-guest-agent'] },
    ),
    upgrade_packages: key(s.flag, 'Upgrade what is installed. Default false.'),
    files: key(v.array(file()), 'Files that are written.'),
    run_commands: key(v.array(runCommand), 'Commands that are run at the end.'),
    user_data: key(
      templateFile,
      'A file in `templates/`: user-data of your own, which what Phoenix generates is merged into.',
      { example: 'user-data.yaml' },
    ),
    network_config: key(templateFile, 'The same for the network: version 2 of network-config.'),
    vendor_data: key(templateFile, 'The same for vendor-data.'),
  }),
);

/** The predecessor's one user. */
export const userConfig = once(() =>
  v.object({
    username: key(userName, 'User that Cloud-Init makes; may become root without a password.'),
    ssh_public_key: key(publicKey, 'Key that may log in.'),
    password_hash: key(passwordHash(), 'Hash of the password.'),
    password: key(secretReference, 'Password of the user.'),
  }),
);

export type CloudInitConfig = v.InferOutput<ReturnType<typeof cloudInit>>;
