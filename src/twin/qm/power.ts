import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { ENOENT } from '../container/config.ts';
import { isTemplate, loadMachine, lockMachine } from '../machine/config.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning, machinesOf } from '../machine/machines.ts';
import { launchMachine, refuseMissing, startMachine, stopLocked, stopMachine } from '../machine/power.ts';

export const start: Command = {
  waits: true,
  run: (session, parameters) =>
    runWorker(session, 'qmstart', parameters.vmid, () =>
      startMachine(session, parameters.vmid, { skipLock: parameters.flag('skiplock') }),
    ),
};

export const stop: Command = {
  waits: true,
  run: (session, parameters) =>
    runWorker(session, 'qmstop', parameters.vmid, () =>
      stopMachine(session, parameters.vmid, {
        skipLock: parameters.flag('skiplock'),
        asks: false,
        timeoutMs: milliseconds(parameters.number('timeout')),
        force: true,
      }),
    ),
};

export const shutdown: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const isPaused = await lookForPause(session, vmid);
    if (isPaused && !parameters.flag('forceStop')) throw new ToolError('VM is paused - cannot shutdown');
    if (isPaused) session.warn('VM is paused - stop instead of shutdown');
    await runWorker(session, 'qmshutdown', vmid, () =>
      stopMachine(session, vmid, {
        skipLock: parameters.flag('skiplock'),
        asks: !isPaused,
        timeoutMs: milliseconds(parameters.number('timeout')),
        force: parameters.flag('forceStop'),
      }),
    );
  },
};

export const reboot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    if (await lookForPause(session, vmid)) throw new ToolError('VM is paused - cannot shutdown');
    await refuseStopped(session, vmid);
    const timeoutMs = milliseconds(parameters.number('timeout'));
    await runWorker(session, 'qmreboot', vmid, () =>
      lockMachine(session, vmid, async () => {
        if (!(await isMachineRunning(session, vmid))) return;
        await stopLocked(session, vmid, { skipLock: false, asks: true, timeoutMs, force: false });
        await launchMachine(session, vmid, await loadMachine(session, vmid));
      }),
    );
  },
};

export const reset: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseStopped(session, vmid);
    await runWorker(session, 'qmreset', vmid, () =>
      lockMachine(session, vmid, async () => {
        if (!parameters.flag('skiplock')) checkMachineLock(await loadMachine(session, vmid));
        await machinesOf(session).reset(vmid);
      }),
    );
  },
};

export const suspend: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseStopped(session, vmid);
    if (parameters.flag('todisk')) throw new ToolError('suspending to disk is not available on this node');
    await runWorker(session, 'qmpause', vmid, () =>
      lockMachine(session, vmid, async () => {
        if (!parameters.flag('skiplock')) checkMachineLock(await loadMachine(session, vmid));
        await machinesOf(session).pause(vmid, true);
      }),
    );
  },
};

export const resume: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await refuseStopped(session, vmid);
    await runWorker(session, 'qmresume', vmid, () =>
      lockMachine(session, vmid, async () => {
        const config = await loadMachine(session, vmid);
        if (isTemplate(config)) throw new ToolError(`VM ${vmid} is a template and cannot be resumed!`);
        if (!parameters.flag('skiplock') && config.head.keys.get('lock') !== 'backup') {
          checkMachineLock(config);
        }
        await machinesOf(session).pause(vmid, false);
      }),
    );
  },
};

/** `qm wait`: until it has stopped; exits with 1 where that takes longer than asked. */
export const wait: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const until = session.host.now() + (milliseconds(parameters.number('timeout')) ?? Infinity);
    if (!(await isMachineRunning(session, vmid))) return 0;
    session.print(`waiting until VM ${vmid} stopps (timeout = ${parameters.text('timeout') ?? ''})\n`);
    while (await isMachineRunning(session, vmid)) {
      if (session.host.now() >= until) throw new ToolError('wait failed - got timeout');
      await session.host.sleep(1_000);
    }
    return 0;
  },
};

/** Asks the VM's process for its state; that there is none is complained about, and nothing else. */
async function lookForPause(session: Session, vmid: number): Promise<boolean> {
  const state = await machinesOf(session).find(vmid);
  if (state !== undefined) return state.status === 'paused';
  const name = `/etc/pve/nodes/${session.host.nodeName}/qemu-server/${vmid}.conf`;
  const isThere = (await session.host.files.stat(name)) !== undefined;
  session.warn(
    isThere
      ? `VM ${vmid} not running\n`
      : `unable to find configuration file for VM ${vmid} on node '${session.host.nodeName}'\n`,
  );
  return false;
}

async function refuseStopped(session: Session, vmid: number): Promise<void> {
  session.errno = ENOENT;
  await refuseMissing(session, vmid);
  if (!(await isMachineRunning(session, vmid))) throw new ToolError(`VM ${vmid} not running`);
  session.errno = 0;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
