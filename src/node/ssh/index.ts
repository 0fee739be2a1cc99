import type { Node } from '../../model/node.ts';
import type { Secret } from '../../model/value.ts';
import { NodeUnreachable } from '../../model/unreachable.ts';
import { nodeOf } from '../node-of.ts';
import { pause } from '../pause.ts';
import type { SshAddress } from './address.ts';
import { connectSsh, type SshOptions } from './connection.ts';
import { KEEPER_PL } from './keeper-program.ts';
import { openKeeper } from './keeper.ts';

export { parseSshAddress } from './address.ts';

export type SshNodeOptions = SshOptions & {
  readonly secrets?: readonly Secret[];
  /** Where the node's files are on that machine; only tests have them elsewhere than at `/`. */
  readonly root?: string;
};

/**
 * A Proxmox host over SSH: everything that the local node does, by commands there. One connection; its
 * end gives the lock back. Once it is gone nothing more is run: without the lock somebody else may.
 * Throws `NodeUnreachable` where the host is not reached.
 */
export async function sshNode(address: SshAddress, options: SshNodeOptions): Promise<Node> {
  const connection = await connectSsh(address, options);
  const keeper = await connection
    .start(['perl', '-e', KEEPER_PL, '--', options.root ?? ''])
    .then((child) => openKeeper(child, connection.unreachable))
    .catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
  if (keeper.uid !== 0) {
    await keeper.close();
    await connection.close();
    throw notRoot(connection.title, keeper.uid);
  }
  const node = nodeOf({
    title: connection.title,
    machine: { run: connection.run, root: undefined, network: 'perl' },
    secrets: options.secrets ?? [],
    fresh: connection.runFresh,
    remedy: 'Is it reached at all, and is the user who logs in root?',
  });
  return {
    ...node,
    observe: async (scope, needs, observeOptions) => {
      const lost = keeper.lost();
      if (lost) throw lost;
      return node.observe(scope, needs, observeOptions);
    },
    run: async (operation, runOptions) => {
      const lost = keeper.lost();
      // A change of the network may end the connection, and is confirmed over another one.
      if (!lost || operation.op === 'confirm') return node.run(operation, runOptions);
      return { exitCode: null, stdout: '', stderr: '', kind: 'lost', diagnostic: lost.diagnostic };
    },
    lock: keeper.lock,
    journal: keeper.journal,
    sleep: pause,
    now: () => Date.now() + keeper.clockAheadMs,
    close: async () => {
      await keeper.close();
      await connection.close();
    },
  };
}

function notRoot(title: string, uid: number): NodeUnreachable {
  return new NodeUnreachable({
    code: 'node/not-root',
    severity: 'error',
    summary: 'Phoenix must be root on the node',
    detail: `${title} logs in as the user with the id ${uid}, who sees neither Proxmox's configuration nor its guests.`,
    remedy: 'Log in as root: ssh://root@…',
  });
}
