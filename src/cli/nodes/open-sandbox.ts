import { dirname, join } from 'node:path';
import type { Folder } from '../../model/desired.ts';
import type { Node } from '../../model/node.ts';
import { localNode } from '../../node/local.ts';
import { sandboxFolder, sandboxLayout } from '../../sandbox/layout.ts';
import { needsOf } from '../../sandbox/needs.ts';
import { openSandbox, type Sandbox } from '../../sandbox/open.ts';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { showDiagnostics } from '../problem.ts';
import { secretsOf } from './secrets.ts';
import { toolEnvironment } from './tool-environment.ts';

/** Makes or reuses the sandbox of this machine, with what the folder expects of its node, and drives it. */
export async function openSandboxNode(context: Context, folder: Folder): Promise<Node> {
  const sandbox = await openSandboxFor(context, folder);
  return nodeOf(sandbox, context.io, folder);
}

/** Opens the sandbox in `dataFolder` (default: this machine's own) and says what it does meanwhile. */
export async function openSandboxFor(
  { io, options, verb }: Context,
  folder: Folder,
  dataFolder?: string,
): Promise<Sandbox> {
  const own = sandboxLayout(sandboxFolder(io.env));
  const sandbox = await openSandbox({
    needs: needsOf(folder),
    dataFolder: dataFolder ?? own.folder,
    cacheFolder: own.cache,
    program: { toolPath: join(dirname(io.programPath), 'sandbox-tool.cjs'), nodePath: io.nodePath },
    installPackages: options.has('yes'),
    onProgress: (text) => {
      if (!options.has('json')) io.stderr.write(`sandbox: ${text.trimEnd()}\n`);
    },
  });
  if (verb.makesGuests === true && !options.has('json')) await showDiagnostics(io, sandbox.notices);
  return sandbox;
}

/** The node of an open sandbox: the same code drives it that drives a real host. */
export function nodeOf(sandbox: Sandbox, io: Io, folder: Folder): Node {
  const { title, spawnPrefix, root } = sandbox;
  const node = localNode({
    title,
    spawnPrefix,
    root,
    env: toolEnvironment(io.env),
    secrets: secretsOf(folder),
    nodePath: io.nodePath,
  });
  return {
    ...node,
    close: async () => {
      await node.close();
      await sandbox.close();
    },
  };
}
