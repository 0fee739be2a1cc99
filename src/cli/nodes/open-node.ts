import type { Folder } from '../../model/desired.ts';
import type { Needs, Node } from '../../model/node.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { quote } from '../command-line/parse.ts';
import { isProxmoxHost } from './proxmox-host.ts';
import { secretsOf } from './secrets.ts';
import { toolEnvironment } from './tool-environment.ts';
import { stop, usageStop } from '../stop.ts';

/** A node; one that a fault can kill says so. */
export type OpenedNode = Node & { readonly killed?: Promise<void> };

/** Opens the node that `--host` names; without it the machine itself, where it is a Proxmox host. */
export async function openNode(context: Context, folder: Folder): Promise<OpenedNode> {
  const host = context.options.text('host');
  if (host === undefined) {
    if (await isProxmoxHost()) return await openLocal(context, folder);
    throw stop(EXIT.unreachable, {
      code: 'cli/no-node',
      summary: 'This machine is no Proxmox VE host, and no other node was named',
      detail: 'Without --host Phoenix works on the Proxmox host that it runs on.',
      remedy: `Run it on the host, or try it without one:\n    ${commandOf(context, 'sandbox')}  (real containers on this machine)\n    ${commandOf(context, 'twin')}  (a Proxmox node in memory)`,
    });
  }
  if (host === 'local') return await openLocal(context, folder);
  if (host === 'sandbox') {
    const { openSandboxNode } = await import('./open-sandbox.ts');
    return await openSandboxNode(context, folder);
  }
  if (host === 'twin' || host.startsWith('twin:')) {
    const { openTwin } = await import('./open-twin.ts');
    return await openTwin(context, host === 'twin' ? undefined : host.slice('twin:'.length));
  }
  if (host.startsWith('ssh://') || host.includes('@')) {
    const { openSsh } = await import('./open-ssh.ts');
    return await openSsh(context, host, folder);
  }
  throw usageStop(
    'cli/unknown-host',
    `Unknown host ${quote(host)}.`,
    'It is one of: local, ssh://user@host, sandbox, twin, twin:FILE.',
  );
}

/** A twin that knows what one observation of `node` tells, for runs that only plan. */
export async function openPlanTwin(node: Node, needs: Needs, signal: AbortSignal): Promise<Node> {
  const { twinOfObservation } = await import('./open-twin.ts');
  const observation = await node.observe('all', needs, { signal });
  return await twinOfObservation(observation.text, node.now());
}

async function openLocal({ io }: Context, folder: Folder): Promise<Node> {
  const { localNode } = await import('../../node/local.ts');
  return localNode({
    env: toolEnvironment(io.env),
    secrets: secretsOf(folder),
    nodePath: io.nodePath,
  });
}

function commandOf({ io }: Context, host: string): string {
  const end = io.argv.indexOf('--');
  const own = end === -1 ? io.argv : io.argv.slice(0, end);
  return ['phoenix', ...own, '--host', host, ...io.argv.slice(own.length)].join(' ');
}
