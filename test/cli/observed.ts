import type { Observation, ObservedGuest } from '../../src/model/observation.ts';

/** A container as a node shows it, stopped and nobody's but for what a test says. */
export function observedGuest(
  vmid: number,
  shape: {
    readonly description?: string;
    readonly keys?: Readonly<Record<string, string>>;
    readonly snapshots?: readonly string[] | ObservedGuest['config']['snapshots'];
    readonly running?: boolean;
    readonly record?: ObservedGuest['record'];
  } = {},
): ObservedGuest {
  const { description, keys = {}, snapshots = [], running = false, record = 'unknown' } = shape;
  const empty = { keys: new Map<string, string>(), raw: [] };
  return {
    vmid,
    kind: 'lxc',
    node: 'pve',
    config: {
      head: {
        keys: new Map(Object.entries(keys)),
        raw: [],
        ...(description === undefined ? {} : { description }),
      },
      snapshots:
        snapshots instanceof Map ? snapshots : new Map([...snapshots].map((name) => [String(name), empty])),
    },
    digest: '',
    running,
    record,
    tasks: [],
  };
}

/** A node that holds these guests. */
export function observedNode(...guests: readonly ObservedGuest[]): Observation {
  return {
    text: '',
    nodeName: 'pve',
    hasProxmox: true,
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
    storages: new Map(),
    templates: [],
    volumes: [],
    bridges: [],
    paths: new Map(),
    gpuDevices: [],
    openEntries: [],
    diagnostics: [],
  };
}
