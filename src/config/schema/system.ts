import * as v from 'valibot';
import { key, need, once } from './key.ts';
import * as s from './scalars.ts';
import { secretOrText } from './secret.ts';

const administrator = once(() =>
  v.object({
    username: need(userName(), 'Name of the user.'),
    password_hash: key(
      secretOrText(),
      'Hash of the password as crypt(3) writes it; set only on a user that Phoenix makes.',
    ),
    sudo_access: key(s.flag, 'Let the user become root; without a password, without being asked for one.'),
    ssh_public_keys: key(v.array(s.anyLine), 'Keys that may log in; others stay.'),
  }),
);

/** The keys of the hypervisor's file about its system. */
export const systemKeys = once(() => ({
  administrators: key(v.array(administrator()), 'Further administrators of the node.'),
  package_repositories: key(
    v.pipe(
      v.picklist(['by-subscription', 'no-subscription', 'enterprise', 'unmanaged']),
      v.metadata({ expects: 'by-subscription, no-subscription, enterprise or unmanaged' }),
    ),
    "Proxmox's package repositories. Default by-subscription: without a subscription the enterprise ones are off and no-subscription is on.",
    { example: 'no-subscription' },
  ),
  packages: key(
    v.array(s.line('the name of a Debian package', /^[a-z0-9][a-z0-9+.-]+$/)),
    'Packages that are installed if they are missing.',
    { example: ['htop', 'tmux'] },
  ),
  sysctl: key(
    v.record(
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:/-]*$/)),
      v.pipe(
        v.union([v.number(), s.line('a value', /^[^\\]+$/)]),
        v.metadata({ expects: 'a number or a text' }),
      ),
    ),
    'Kernel parameters, live and at each boot.',
    { example: { 'vm.swappiness': 10 } },
  ),
  kernel_modules: key(
    v.array(s.line('the name of a kernel module', /^[A-Za-z0-9][A-Za-z0-9_-]*$/)),
    'Kernel modules that are loaded, now and at each boot.',
    { example: ['br_netfilter'] },
  ),
  passthrough_devices: key(
    v.array(
      s.line(
        'a PCI address such as 0000:01:00.0, or an id such as 10de:2684',
        /^(?:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?)$/,
      ),
    ),
    'PCI devices that virtual machines get whole: the host leaves them alone from its next boot on.',
    { example: ['0000:01:00'] },
  ),
}));

function userName() {
  return s.line('a user name', /^[a-z_][a-z0-9_-]{0,31}$/);
}
