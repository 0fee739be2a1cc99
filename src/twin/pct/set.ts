import type { Command, Parameters } from '../call/command.ts';
import { ParameterError, refuseParameter, ToolError } from '../call/errors.ts';
import { splitList } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { settingOf } from '../container/config-lines.ts';
import { loadConfig, lockConfig, writeConfig } from '../container/config.ts';
import { refuseModified } from '../container/digest.ts';
import { checkLock } from '../container/locks.ts';
import { refreshLxcConfig } from '../container/lxc-config.ts';
import { isRunning } from '../container/power.ts';
import { clampCpuUnits, updateConfig } from '../container/update.ts';

/** `pct set`: queues changes, applies what can be, and writes nothing where anything was refused. */
export const set: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const values = parameters.except(['vmid', 'digest', 'delete', 'revert']);
    const units = values.get('cpuunits');
    if (units !== undefined) values.set('cpuunits', clampCpuUnits(units));
    const deletes = splitList(parameters.text('delete') ?? '');
    const reverts = splitList(parameters.text('revert') ?? '');
    if (parameters.except(['vmid', 'digest']).size === 0) throw new ToolError('no options specified');
    await lockConfig(session, vmid, () => update(session, parameters, { values, deletes, reverts }));
  },
};

async function update(
  session: Session,
  parameters: Parameters,
  change: { values: Map<string, string>; deletes: string[]; reverts: string[] },
): Promise<void> {
  const { vmid } = parameters;
  const config = await loadConfig(session, vmid);
  checkLock(config);
  refuseModified(parameters.text('digest'), config.digest);
  checkNames(change);
  const errors = await updateConfig(session, vmid, config, await isRunning(session, vmid), change);
  if (errors.size > 0) throw new ParameterError('Parameter verification failed.', errors);
  await writeConfig(session, vmid, config);
  await refreshLxcConfig(session, vmid, (await loadConfig(session, vmid)).head);
}

function checkNames(change: { values: Map<string, string>; deletes: string[]; reverts: string[] }): void {
  for (const key of change.reverts) {
    if (!isSetting(key)) throw refuseParameter('revert', `unknown option '${key}'`);
    if (change.values.has(key)) {
      throw refuseParameter('revert', `you can't use '-${key}' and '-revert ${key}' at the same time`);
    }
  }
  for (const key of change.deletes) {
    if (!isSetting(key)) throw refuseParameter('delete', `unknown option '${key}'`);
    if (change.values.has(key)) {
      throw refuseParameter('delete', `you can't use '-${key}' and -delete ${key}' at the same time`);
    }
    if (change.reverts.includes(key)) {
      throw refuseParameter('delete', `you can't use '-delete ${key}' and '-revert ${key}' at the same time`);
    }
  }
}

function isSetting(key: string): boolean {
  return key !== 'snapstate' && settingOf(key) !== undefined;
}
