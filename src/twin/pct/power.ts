import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { loadConfig, lockConfig } from '../container/config.ts';
import { checkLock } from '../container/locks.ts';
import { isRunning, launch, startContainer } from '../container/power.ts';

export const start: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    if (await isRunning(session, vmid)) throw new ToolError(`CT ${vmid} already running`);
    await runWorker(session, 'vzstart', vmid, () =>
      startContainer(session, vmid, { skipLock: parameters.flag('skiplock') }),
    );
  },
};

export const stop: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseStopped(session, vmid, 'CT');
    await runWorker(session, 'vzstop', vmid, () =>
      lockConfig(session, vmid, async () => {
        const config = await loadConfig(session, vmid);
        if (!parameters.flag('skiplock') && config.head.keys.get('lock') !== 'mounted') checkLock(config);
        await session.host.guests.stop(vmid);
      }),
    );
  },
};

export const shutdown: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const timeoutMs = (parameters.number('timeout') ?? 60) * 1000;
    await refuseStopped(session, vmid, 'CT');
    await runWorker(session, 'vzshutdown', vmid, () =>
      lockConfig(session, vmid, async () => {
        checkLock(await loadConfig(session, vmid));
        if (await session.host.guests.shutdown(vmid, timeoutMs)) return;
        if (!parameters.flag('forceStop')) {
          session.warn(
            `command 'lxc-stop -n ${vmid} --nokill --timeout ${timeoutMs / 1000}' failed: exit code 1`,
          );
          throw new ToolError('container did not stop');
        }
        await session.host.guests.stop(vmid);
      }),
    );
  },
};

export const reboot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const timeoutMs = (parameters.number('timeout') ?? 60) * 1000;
    await refuseStopped(session, vmid, 'VM');
    await runWorker(session, 'vzreboot', vmid, () =>
      lockConfig(session, vmid, async () => {
        if (!(await isRunning(session, vmid))) return;
        if (!(await session.host.guests.shutdown(vmid, timeoutMs))) await session.host.guests.stop(vmid);
        await launch(session, vmid, await loadConfig(session, vmid));
      }),
    );
  },
};

/** Checkpoints need CRIU, which Proxmox does not ship: both ways end in its absence. */
export const suspend: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseStopped(session, vmid, 'CT');
    await runWorker(session, 'vzsuspend', vmid, () =>
      lockConfig(session, vmid, async () => {
        checkLock(await loadConfig(session, vmid));
        throw new ToolError(`command 'lxc-checkpoint -n ${vmid} -s -D /var/lib/vz/dump' failed: exit code 1`);
      }),
    );
  },
};

export const resume: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    if (await isRunning(session, vmid)) throw new ToolError(`CT ${vmid} already running`);
    await runWorker(session, 'vzresume', vmid, async () => {
      throw new ToolError(
        `command 'lxc-checkpoint -n ${vmid} -r --foreground -D /var/lib/vz/dump' failed: exit code 1`,
      );
    });
  },
};

async function refuseStopped(session: Session, vmid: number, word: 'CT' | 'VM'): Promise<void> {
  if (!(await isRunning(session, vmid))) throw new ToolError(`${word} ${vmid} not running`);
}
