import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import type { Place } from './open-place.ts';

/** Runs a program in a VM by its agent, without Phoenix, and gives what it printed. */
export async function inMachine(
  place: Pick<Place, 'must'>,
  vmid: number,
  ...argv: readonly string[]
): Promise<string> {
  const words = ['qm', 'guest', 'exec', String(vmid), '--timeout', '60', '--', ...argv];
  const ended = JSON.parse(await place.must(...words)) as Ended;
  const { exitcode, 'out-data': out = '', 'err-data': err = '' } = ended;
  if (exitcode !== 0) throw new Error(`${argv.join(' ')}: exit code ${exitcode}\n${out}${err}`);
  return out.replace(/\n$/, '');
}

type Ended = {
  readonly exitcode: number;
  readonly 'out-data'?: string;
  readonly 'err-data'?: string;
};

export type MachineConfig = Record<string, unknown> & { readonly vmid: number };

/** Changes the VMs' file of a place's folder. */
export async function editMachines(
  place: Place,
  change: (machines: ReadonlyMap<number, MachineConfig>) => void,
): Promise<void> {
  const path = join(place.config, 'phoenix_vm_configs.json');
  const content = parse(await readFile(path, 'utf8')) as { vms: MachineConfig[] };
  change(new Map(content.vms.map((vm) => [vm.vmid, vm])));
  await writeFile(path, JSON.stringify(content, null, 2));
}
