import type { DesiredContainer } from '../src/model/desired.ts';

/** A container with nothing in it but what a test says. */
export function container(vmid: number, extra: Partial<DesiredContainer> = {}): DesiredContainer {
  return {
    kind: 'lxc',
    vmid,
    name: `ct${vmid}`,
    position: { file: 'phoenix_lxc_configs.json', line: 1, column: 1 },
    dependencies: [],
    isTemplate: false,
    lifecycleSnapshots: false,
    features: [],
    healthChecks: [],
    nics: [],
    volumes: [],
    mounts: [],
    devices: [],
    gpus: [],
    rawLines: [],
    idMaps: [],
    ...extra,
  };
}
