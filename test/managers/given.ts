import { createHash } from 'node:crypto';
import type { Consent, Effect } from '../../src/model/change.ts';
import { LIVE_ONLY } from '../../src/model/change.ts';
import type { DesiredContainer, Folder } from '../../src/model/desired.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { Observation, ObservedGuest } from '../../src/model/observation.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { NodeRecord } from '../../src/model/record.ts';
import type { Step, StepAnswer, StepInput } from '../../src/model/step.ts';
import { parseGuestConfig } from '../../src/pve/guest-config.ts';
import { describeOperation } from '../../src/pve/render.ts';
import { container } from '../desired-container.ts';

/** A container as the folder wants it: 8101 `web`, with nothing else. */
export function wanted(more: Partial<DesiredContainer> = {}): DesiredContainer {
  const position = { file: 'phoenix_lxc_configs.json', line: 3, column: 5 };
  return container(8101, { name: 'web', position, ...more });
}

/** A record of the node that names what is given. */
export function record(more: Partial<NodeRecord> = {}): NodeRecord {
  return { vmid: 8101, mounts: [], devices: [], nics: [], rawLines: [], firewallRules: [], ...more };
}

/** A guest whose config file is this text. Ours, stopped and with an empty record unless said otherwise. */
export function guest(text: string, more: Partial<ObservedGuest> = {}): ObservedGuest {
  return {
    vmid: 8101,
    kind: more.kind ?? 'lxc',
    node: 'vm',
    config: parseGuestConfig(text, more.kind ?? 'lxc'),
    digest: createHash('sha1').update(text).digest('hex'),
    running: false,
    record: 'unknown',
    nodeRecord: record({ vmid: more.vmid ?? 8101 }),
    tasks: [],
    ...more,
  };
}

export type Given = {
  readonly desired?: Partial<DesiredContainer>;
  readonly guest?: ObservedGuest;
  readonly others?: readonly ObservedGuest[];
  readonly node?: Partial<Observation>;
  readonly allow?: readonly Effect[];
  readonly adopt?: boolean;
  readonly open?: readonly Operation[];
  readonly verb?: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
};

/** What a step is asked about container 8101 on the recordings' node. */
export function asked(given: Given): StepInput<DesiredContainer> {
  const desired = wanted(given.desired);
  const guests = [...(given.guest ? [given.guest] : []), ...(given.others ?? [])];
  const node: Observation = {
    text: '',
    nodeName: 'vm',
    hasProxmox: true,
    guests: new Map(guests.map((one) => [one.vmid, one])),
    storages: new Map(
      ['local', 'local-btrfs'].map((id) => [
        id,
        {
          id,
          type: id === 'local' ? 'dir' : 'btrfs',
          path: id === 'local' ? '/var/lib/vz' : '/var/lib/pve/local-btrfs',
          content: id === 'local' ? ['vztmpl', 'rootdir', 'images'] : ['images', 'rootdir'],
          options: new Map(),
        },
      ]),
    ),
    templates: [`local:vztmpl/${TEMPLATE}`],
    volumes: [],
    bridges: ['vmbr0'],
    paths: new Map(),
    gpuDevices: [],
    openEntries: (given.open ?? []).map((operation, index): JournalEntry => ({
      at: 0,
      run: 'r1',
      entry: 'begin',
      index,
      target: operation.target,
      step: operation.step,
      operation,
    })),
    diagnostics: [],
    ...given.node,
  };
  const folder: Folder = {
    path: '/folder',
    folderId: 'phoenix',
    hypervisor: { settings: {} },
    guests: new Map([[desired.vmid, desired]]),
  };
  const allowed = new Set<Effect>(['live', ...(given.allow ?? [])]);
  const consent: Consent = {
    ...LIVE_ONLY,
    allows: (effect) => allowed.has(effect),
    adopt: given.adopt ?? false,
  };
  return {
    desired,
    folder,
    consent,
    observed: { node, answers: new Map(), ...(given.guest && { guest: given.guest }) },
    purpose: { verb: given.verb ?? 'converge', options: given.options ?? {} },
  };
}

/** The step's answer. */
export function ask(step: Step<DesiredContainer>, given: Given): StepAnswer {
  return step.plan(asked(given));
}

/** The answer's operations as people read them, records and waits left out. */
export function commands(answer: StepAnswer): readonly string[] {
  return answer.operations
    .filter((operation) => !(operation.op === 'write' && operation.path.startsWith('/etc/pve/priv/')))
    .filter((operation) => operation.op !== 'wait')
    .map(describeOperation);
}

/** Attribute and effect of every change. */
export function effects(answer: StepAnswer): Readonly<Record<string, Effect>> {
  return Object.fromEntries(answer.changes.map(({ attribute, effect }) => [attribute, effect]));
}

/** Codes of the answer's diagnostics. */
export function codes(answer: StepAnswer): readonly string[] {
  return answer.diagnostics.map(({ code }) => code);
}

export const TEMPLATE = 'debian-12-standard_12.7-1_amd64.tar.zst';

/** The line of Phoenix in the notes of 8101, as a config file holds it. */
export const OURS = '#phoenix%3A phoenix/8101\n';

/** What `pct create` leaves where it is told no more than a name (recording lxc-set-mounts). */
export const MINIMAL = `${OURS}arch: amd64
hostname: web
memory: 512
ostype: debian
rootfs: local:8101/vm-8101-disk-0.raw,size=1G
swap: 512
`;
