import { NodeUnreachable } from '../../model/unreachable.ts';
import type { SshAddress } from './address.ts';

/** Why a node is not reached over SSH, in `ssh`'s own words, and what to do about it. */
export function unreachableBySsh(address: SshAddress, said: string): NodeUnreachable {
  const words = said.replaceAll('\r', '').trim().split('\n').slice(-8).join('\n');
  const known = KNOWN.find(([pattern]) => pattern.test(said));
  return new NodeUnreachable({
    code: 'node/ssh',
    severity: 'error',
    summary: known?.[1] ?? 'The node is not reached over SSH',
    detail: words === '' ? 'ssh did not say why.' : words,
    remedy:
      known?.[2](address) ?? `See whether this works, and what it says:\n  ssh ${wordsOf(address)} true`,
  });
}

const KNOWN: readonly (readonly [RegExp, string, (address: SshAddress) => string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'The node shows another host key than before',
    () =>
      'Either it was installed anew, or somebody stands between you and it. Compare the key with the one that its console shows (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`) before you remove the old one as ssh says.',
  ],
  [
    /Host key verification failed|No \S+ host key is known/,
    "The node's host key is not known here",
    (address) =>
      `Log in once by hand, and compare the key that is shown with the one of its console:\n  ssh ${wordsOf(address)}`,
  ],
  [
    /Permission denied|Too many authentication failures/,
    'The node does not let this user in',
    (address) =>
      `Phoenix logs in with your keys and your SSH agent, as root. Give the node your key:\n  ssh-copy-id ${wordsOf(address)}`,
  ],
  [
    /Could not resolve hostname/,
    "The node's name is not known",
    () => 'Is it spelled right? An address will do too.',
  ],
  [
    /Connection refused/,
    'Nothing listens for SSH on the node',
    () => 'Does it run, is sshd started on it, and is the port right?',
  ],
  [
    /timed out|No route to host|Network is unreachable|not responding|Broken pipe|closed by remote host|Connection reset/,
    'The node does not answer over SSH',
    () => 'Does it run, and is the network between here and there in order? Then run the same command again.',
  ],
  [/spawn ssh ENOENT/, 'There is no ssh on this machine', () => 'apt install openssh-client'],
  [
    /perl: not found|JSON\/PP\.pm/,
    'The node lacks Perl',
    () => 'Is it a Proxmox VE host? On other systems:\n  apt install perl',
  ],
];

function wordsOf({ host, user, port }: SshAddress): string {
  const name = user === undefined ? host : `${user}@${host}`;
  return `${port === undefined ? '' : `-p ${port} `}${name}`;
}
