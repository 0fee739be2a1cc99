import type { DesiredCloudInit, DesiredVm } from '../src/model/desired.ts';

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
    agent: false,
    disks: [],
    nics: [],
    pciDevices: [],
    ...extra,
  };
}

/** Cloud-Init of a machine that only has a name. */
export function cloudInit(extra: Partial<DesiredCloudInit> = {}): DesiredCloudInit {
  return {
    hostname: 'web',
    users: [],
    packages: [],
    upgradesPackages: false,
    files: [],
    nfsMounts: [],
    runCommands: [],
    templates: {},
    ...extra,
  };
}
