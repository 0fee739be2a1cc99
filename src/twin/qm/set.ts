import type { Command, Parameters } from '../call/command.ts';
import { refuseParameter, ToolError } from '../call/errors.ts';
import { byCode, splitList } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { clampCpuUnits } from '../container/update.ts';
import { checkDrives } from '../machine/check-drives.ts';
import { machineSettingOf } from '../machine/config-lines.ts';
import { loadMachine, lockMachine, type MachineConfig } from '../machine/config.ts';
import { memoryOf } from '../machine/launch.ts';
import { checkMachineLock, refuseOtherDigest } from '../machine/locks.ts';
import { machinesOf } from '../machine/machines.ts';
import { completeMachineNic, printMachineNic } from '../machine/nics.ts';
import { updateMachine } from '../machine/update.ts';
import { newUuid } from '../machine/uuids.ts';
import { loadStorages } from '../storage/config.ts';

/** `qm set`: queues changes one by one and applies what can be. */
export const set: Command = {
  run: (session, parameters) =>
    changeSettings(session, parameters, {
      values: parameters.except(NOT_SETTINGS),
      deletes: splitList(parameters.text('delete') ?? ''),
      reverts: splitList(parameters.text('revert') ?? ''),
      told: parameters.except(['vmid', 'digest', 'import-working-storage']),
    }),
};

/** `qm disk unlink`: deletes the keys of disks, with `--force` their volumes too. */
export const unlink: Command = {
  run: (session, parameters) =>
    changeSettings(session, parameters, {
      values: new Map(),
      deletes: splitList(parameters.demand('idlist')),
      reverts: [],
      told: new Map([
        ['delete', parameters.demand('idlist')],
        ...(parameters.text('force') === undefined ? [] : ([['force', parameters.demand('force')]] as const)),
      ]),
    }),
};

const NOT_SETTINGS = ['vmid', 'digest', 'delete', 'revert', 'force', 'skiplock', 'import-working-storage'];

type Change = {
  readonly values: Map<string, string>;
  readonly deletes: readonly string[];
  readonly reverts: readonly string[];
  /** The call's parameters as the task's log names them. */
  readonly told: ReadonlyMap<string, string>;
};

async function changeSettings(session: Session, parameters: Parameters, change: Change): Promise<void> {
  const { vmid } = parameters;
  const { values } = change;
  machinesOf(session);
  const units = values.get('cpuunits');
  if (units !== undefined) values.set('cpuunits', clampCpuUnits(units));
  if (values.size === 0 && change.deletes.length === 0 && change.reverts.length === 0) {
    throw new ToolError('no options specified');
  }
  const deletes = change.deletes.map((key) => (key === 'cdrom' ? 'ide2' : key));
  checkNames({ ...change, deletes });
  const storages = await loadStorages(session);
  checkDrives(storages, values, undefined);
  for (const [key, value] of values) {
    if (/^net\d+$/.test(key)) {
      values.set(key, printMachineNic(await completeMachineNic(session, value)));
    } else if (key === 'vmgenid' && value === '1') values.set(key, newUuid(session));
  }
  await lockMachine(session, vmid, async () => {
    const config = await loadMachine(session, vmid);
    refuseOtherDigest(parameters.text('digest'), config.digest);
    if (!parameters.flag('skiplock')) checkMachineLock(config);
    const all = takeBack(config, values, deletes, change.reverts);
    checkBalloon(config, all.values);
    session.print(`update VM ${vmid}: ${describe(change.told)}\n`);
    await updateMachine(session, vmid, storages, { ...all, force: parameters.flag('force') });
  });
}

function checkNames({ values, deletes, reverts }: Change): void {
  const isSetting = (key: string): boolean => key !== 'snapstate' && machineSettingOf(key) !== undefined;
  for (const key of reverts) {
    if (!isSetting(key)) throw refuseParameter('revert', `unknown option '${key}'`);
    if (values.has(key)) {
      throw refuseParameter('delete', `you can't use '-${key}' and -revert ${key}' at the same time`);
    }
  }
  for (const key of deletes) {
    if (values.has(key)) {
      throw refuseParameter('delete', `you can't use '-${key}' and -delete ${key}' at the same time`);
    }
    if (reverts.includes(key)) {
      throw refuseParameter('revert', `you can't use '-delete ${key}' and -revert ${key}' at the same time`);
    }
    if (!isSetting(key)) throw refuseParameter('delete', `unknown option '${key}'`);
  }
}

/** To take a pending change back is to set what is so already, or to delete what is only pending. */
function takeBack(
  config: MachineConfig,
  given: ReadonlyMap<string, string>,
  asked: readonly string[],
  reverts: readonly string[],
): { values: Map<string, string>; deletes: string[] } {
  const values = new Map(given);
  const deletes = [...asked];
  for (const key of reverts) {
    const now = config.head.keys.get(key);
    if (now !== undefined) values.set(key, now);
    else if (config.pending.keys.has(key)) deletes.push(key);
  }
  return { values, deletes };
}

function checkBalloon(config: MachineConfig, values: ReadonlyMap<string, string>): void {
  if (!values.has('memory') && !values.has('balloon')) return;
  const latest = (key: string): string | undefined =>
    values.get(key) ?? config.pending.keys.get(key) ?? config.head.keys.get(key);
  if (Number(latest('balloon') ?? 0) > memoryOf(latest('memory'))) {
    throw new ToolError('balloon value too large (must be smaller than assigned memory)');
  }
}

function describe(told: ReadonlyMap<string, string>): string {
  return [...told]
    .toSorted(([a], [b]) => byCode(a, b))
    .map(([key, value]) => `-${key} ${key === 'cipassword' ? '<hidden>' : value}`)
    .join(' ');
}
