import { rename, writeFile } from 'node:fs/promises';
import { isProbe } from '../../model/operation.ts';
import type { TwinNode, World } from '../../twin/index.ts';

type Kept = {
  readonly node: TwinNode;
  readonly world: World;
  readonly path: string;
  /** Lets go of the file when the node is closed. */
  readonly unlock: () => Promise<void>;
};

/**
 * Keeps a twin's world in a file: written whole and renamed into its place after everything that
 * changes the node, so that a command that is killed leaves what a node would hold at that moment.
 */
export function keepWorld({ node, world, path, unlock }: Kept): TwinNode {
  let writing = Promise.resolve();
  let isDirty = false;
  /* One at a time; what changes while one is written is written by the next. */
  const save = async (): Promise<void> => {
    isDirty = true;
    writing = writing.then(async () => {
      if (!isDirty) return;
      isDirty = false;
      await writeWhole(path, JSON.stringify(world));
    });
    await writing;
  };
  const saved = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await Promise.race([work, node.killed]);
    await save();
    /* A killed command hears nothing more. */
    return result === undefined ? await work : result;
  };
  return {
    ...node,
    run: async (operation, options) =>
      isProbe(operation) ? await node.run(operation, options) : await saved(node.run(operation, options)),
    command: async (argv, options) => await saved(node.command(argv, options)),
    lock: async (purpose) => {
      const lock = await saved(node.lock(purpose));
      return lock.acquired ? { acquired: true, release: async () => await saved(lock.release()) } : lock;
    },
    journal: {
      append: node.journal.append,
      finish: async (carry) => await saved(node.journal.finish(carry)),
    },
    close: async () => {
      await node.close();
      try {
        await save();
      } finally {
        await unlock();
      }
    },
  };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, path);
}
