import type { DesiredGuest, DesiredVm, Folder } from '../../src/model/desired.ts';

export { container } from '../desired-container.ts';

/** A VM with nothing in it but what a test says. */
export function machine(vmid: number, extra: Partial<DesiredVm> = {}): DesiredVm {
  return {
    kind: 'vm',
    vmid,
    name: `vm${vmid}`,
    position: { file: 'phoenix_vm_configs.json', line: 1, column: 1 },
    dependencies: [],
    isTemplate: false,
    lifecycleSnapshots: false,
    features: [],
    healthChecks: [],
    agent: true,
    disks: [],
    nics: [],
    pciDevices: [],
    ...extra,
  };
}

/** A folder of these guests. */
export function folderOf(...guests: readonly DesiredGuest[]): Folder {
  return {
    path: '/folder',
    folderId: 'phoenix',
    hypervisor: { settings: {} },
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
  };
}
