import type { Assets } from '../assets.ts';
import type { Findings } from '../diagnose.ts';
import type { Guests } from '../guest-graph.ts';
import type { ParsedFile } from '../read-files.ts';
import type { Hypervisor } from '../read-hypervisor.ts';
import type { StartOrders } from '../start-order.ts';
import type { VmDefaults } from '../schema/vm.ts';

/** What a check across a folder is given. */
export type FolderCheck = {
  readonly guests: Guests;
  readonly hypervisor: Hypervisor;
  readonly hypervisorFile: ParsedFile | undefined;
  readonly assets: Assets;
  readonly starts: StartOrders;
  readonly vmFile: ParsedFile | undefined;
  /** `vm_defaults` of the VMs' file. */
  readonly vmDefaults: VmDefaults;
  readonly inputsOfFeatures: (name: string) => readonly string[];
  /** False where a file could not be parsed: then an unknown reference may stand in it. */
  readonly isComplete: boolean;
  readonly findings: Findings;
};
