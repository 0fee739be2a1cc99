import type { Folder } from '../../model/desired.ts';
import type { Node } from '../../model/node.ts';
import { parseSshAddress, sshNode } from '../../node/ssh/index.ts';
import { quote } from '../command-line/parse.ts';
import type { Context } from '../context.ts';
import { usageStop } from '../stop.ts';
import { secretsOf } from './secrets.ts';
import { toolEnvironment } from './tool-environment.ts';

/** Opens the Proxmox host that `ssh://user@host` names. `ssh` asks for what it needs only at a terminal. */
export async function openSsh({ io }: Context, host: string, folder: Folder): Promise<Node> {
  const address = parseSshAddress(host);
  if (address === undefined)
    throw usageStop(
      'cli/bad-ssh-address',
      `${quote(host)} is no address for SSH.`,
      'Write ssh://user@host, ssh://user@host:port or user@host. A key, a jump host and the like belong in ~/.ssh/config.',
    );
  return await sshNode(address, {
    env: toolEnvironment(io.env, AGENT),
    secrets: secretsOf(folder),
    isTerminal: io.stdin.isTerminal && io.stderr.isTerminal,
  });
}

/** The way to the user's agent, and to a window that asks for a passphrase. */
const AGENT = [
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'SSH_ASKPASS',
  'SSH_ASKPASS_REQUIRE',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'KRB5CCNAME',
] as const;
