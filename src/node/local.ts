import type { Node } from '../model/node.ts';
import type { Secret } from '../model/value.ts';
import { takeClusterLock } from './cluster-lock.ts';
import { journalFiles } from './journal-files.ts';
import { nodeOf } from './node-of.ts';
import { pause } from './pause.ts';
import { runProcess } from './process.ts';

export type LocalNodeOptions = {
  /** For people: `local` (the default), `sandbox`. */
  readonly title?: string;
  /** Put before every command: nothing, or an `nsenter …` that enters a sandbox's namespaces. */
  readonly spawnPrefix?: readonly string[];
  /** Where the node's files are seen: at `/`, or at `/proc/<pid>/root`. */
  readonly root?: string;
  /** Environment of the node's commands; absent: that of Phoenix. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Secrets of the folder, masked in all output. */
  readonly secrets?: readonly Secret[];
  /** A Node.js to ask services over the network with; default `node`. */
  readonly nodePath?: string;
};

/**
 * A Proxmox host on this machine, or one in namespaces of it: commands are processes, files are reached
 * by their paths, and the lock and the journal need no process.
 */
export function localNode(options: LocalNodeOptions = {}): Node {
  const { title = 'local', spawnPrefix = [], root = '', env, secrets = [], nodePath = 'node' } = options;
  const journal = journalFiles(`${root}/var/lib/phoenix/journal`);
  return {
    ...nodeOf({
      title,
      machine: {
        run: (argv, limits) => runProcess([...spawnPrefix, ...argv], { ...limits, env }),
        root,
        // Without a namespace of its own the node's network is ours.
        network: spawnPrefix.length === 0 ? 'ours' : { nodePath },
      },
      secrets,
      remedy: 'Phoenix must run as root on the node.',
    }),
    lock: (purpose) => takeClusterLock(root, purpose, Date.now()),
    journal: { append: journal.append, finish: journal.finish },
    sleep: pause,
    now: () => Date.now(),
    close: journal.close,
  };
}
