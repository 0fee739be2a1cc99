import type { Launch } from '../../twin/host.ts';
import type { Hierarchy } from '../cgroup.ts';

/** What limits can be set on this machine. */
export type Machine = {
  readonly hierarchies: readonly Hierarchy[];
  readonly cpuCount: number;
  /** Does version 1 of the memory controller count swap? */
  readonly hasSwapAccounting: boolean;
};

type Limits = {
  readonly memoryMiB?: number;
  readonly swapMiB?: number;
  readonly cores?: number | undefined;
  readonly cpulimit?: number | undefined;
  readonly cpuunits?: number | undefined;
};

/** One file of a control group: the controller that has it, its name, its value. */
export type GroupFile = { readonly controller: string; readonly file: string; readonly value: string };

/** Limits as lines of an LXC config, for the version of control groups that this machine has. */
export function limitLines(launch: Launch, machine: Machine): [string, string][] {
  const prefix = isVersion1(machine, 'memory') ? 'lxc.cgroup' : 'lxc.cgroup2';
  return [...memoryFiles(launch, machine), ...cpuFiles(launch, machine)].map(({ file, value }) => [
    `${prefix}.${file}`,
    value,
  ]);
}

/** The files that limit memory, in the order to write them when it grows. */
export function memoryFiles({ memoryMiB, swapMiB }: Limits, machine: Machine): GroupFile[] {
  if (memoryMiB === undefined) return [];
  const memory = memoryMiB * MIB;
  const swap = (swapMiB ?? 0) * MIB;
  const controller = 'memory';
  if (!isVersion1(machine, controller)) {
    return [
      { controller, file: 'memory.max', value: String(memory) },
      { controller, file: 'memory.swap.max', value: String(swap) },
    ];
  }
  const files = [{ controller, file: 'memory.limit_in_bytes', value: String(memory) }];
  if (machine.hasSwapAccounting) {
    files.push({ controller, file: 'memory.memsw.limit_in_bytes', value: String(memory + swap) });
  }
  return files;
}

/** The files that limit processor time; a limit that is not set is lifted where `lift` is given. */
export function cpuFiles({ cores, cpulimit, cpuunits }: Limits, machine: Machine, lift = false): GroupFile[] {
  const files: GroupFile[] = [];
  const isOld = isVersion1(machine, 'cpu');
  const add = (controller: string, file: string, value: number | string) =>
    files.push({ controller, file, value: String(value) });
  if (cpulimit !== undefined && cpulimit > 0) {
    const quota = Math.round(cpulimit * PERIOD_US);
    if (isOld) {
      add('cpu', 'cpu.cfs_period_us', PERIOD_US);
      add('cpu', 'cpu.cfs_quota_us', quota);
    } else add('cpu', 'cpu.max', `${quota} ${PERIOD_US}`);
  } else if (lift) {
    if (isOld) add('cpu', 'cpu.cfs_quota_us', -1);
    else add('cpu', 'cpu.max', `max ${PERIOD_US}`);
  }
  if (cpuunits !== undefined || lift) {
    if (isOld) add('cpu', 'cpu.shares', cpuunits ?? 1024);
    else add('cpu', 'cpu.weight', Math.min(10_000, Math.max(1, cpuunits ?? 100)));
  }
  const count = Math.min(cores ?? machine.cpuCount, machine.cpuCount);
  if (cores !== undefined || lift) add('cpuset', 'cpuset.cpus', count === 1 ? '0' : `0-${count - 1}`);
  return files;
}

/** Is a controller in a hierarchy of version 1? */
export function isVersion1(machine: Machine, controller: string): boolean {
  return machine.hierarchies.some((one) => !one.isUnified && one.controllers.includes(controller));
}

const MIB = 1024 ** 2;
const PERIOD_US = 100_000;
