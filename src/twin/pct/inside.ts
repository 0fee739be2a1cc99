import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { loadConfig, lockConfig } from '../container/config.ts';
import { isRunning } from '../container/power.ts';
import type { FileOwner } from '../host.ts';

/** `pct exec`: a program inside, its output and its exit code passed on. */
export const exec: Command = {
  run: async (session, parameters) => {
    await refuseStopped(session, parameters.vmid);
    const argv = parameters.words('extra-args');
    if (argv.length === 0)
      throw new ToolError('missing command at /usr/share/perl5/PVE/CLI/pct.pm line 400.');
    return attach(session, parameters, argv);
  },
};

/** `pct enter` and `pct console`: a shell inside on the caller's terminal. */
export const enter: Command = {
  run: async (session, parameters) => {
    await refuseStopped(session, parameters.vmid);
    return attach(session, parameters, ['/bin/sh']);
  },
};

/** `pct push` and `pct pull` do not wait for their task to have gone well. */
export const push: Command = {
  run: (session, parameters) =>
    lockConfig(session, parameters.vmid, async () => {
      const { vmid } = parameters;
      if (!(await isRunning(session, vmid))) throw new ToolError('can only push files to a running CT');
      await loadConfig(session, vmid);
      await runWorker(session, 'push_file', vmid, () => {
        const [from, to] = [parameters.demand('file'), parameters.demand('destination')];
        return session.host.guests.push(vmid, from, to, ownerOf(parameters));
      });
    }),
};

export const pull: Command = {
  run: (session, parameters) =>
    lockConfig(session, parameters.vmid, async () => {
      const { vmid } = parameters;
      if (!(await isRunning(session, vmid))) {
        throw new ToolError(
          'can only pull files from a running VM at /usr/share/perl5/PVE/CLI/pct.pm line 700.',
        );
      }
      await runWorker(session, 'pull_file', vmid, () => {
        const [from, to] = [parameters.demand('path'), parameters.demand('destination')];
        return session.host.guests.pull(vmid, from, to, ownerOf(parameters));
      });
    }),
};

async function refuseStopped(session: Session, vmid: number): Promise<void> {
  await loadConfig(session, vmid);
  if (!(await isRunning(session, vmid))) throw new ToolError(`container '${vmid}' not running!`);
}

function attach(session: Session, parameters: Parameters, argv: readonly string[]): Promise<number> {
  return session.host.guests.exec(parameters.vmid, argv, {
    ...(session.stdin !== undefined && { stdin: session.stdin }),
    keepEnv: parameters.text('keep-env') !== '0',
    onOutput: (stream, text) => (stream === 'stdout' ? session.print(text) : session.fail(text)),
  });
}

/** Permissions are octal unless they begin with 0x. */
function ownerOf(parameters: Parameters): FileOwner {
  const perms = parameters.text('perms');
  const user = parameters.text('user');
  const group = parameters.text('group');
  const mode =
    perms === undefined ? undefined : perms.startsWith('0x') ? Number(perms) : Number.parseInt(perms, 8);
  if (mode !== undefined && !Number.isInteger(mode)) throw new ToolError(`invalid mode: '${perms}'`);
  return {
    ...(mode !== undefined && { perms: mode }),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
  };
}
