import type {
  DesiredContainer,
  DesiredFeature,
  DesiredGuest,
  DesiredScript,
} from '../../src/model/desired.ts';
import type { Observation, ObservedGuest } from '../../src/model/observation.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { RecordState } from '../../src/model/record.ts';
import type { StepInput } from '../../src/model/step.ts';
import { container as desiredContainer } from '../desired-container.ts';

/** A feature that does nothing in particular. */
export function feature(name: string, more: Partial<DesiredFeature> = {}): DesiredFeature {
  return {
    name,
    needs: [],
    digest: `${name}-digest-1`,
    options: {},
    inputs: {},
    check: `#!/bin/sh\n# check ${name}\n`,
    install: `#!/bin/sh\n# install ${name}\n`,
    files: {},
    timeoutMs: 900_000,
    ...more,
  };
}

export function script(more: Partial<DesiredScript> = {}): DesiredScript {
  return {
    name: 'app.sh',
    content: '#!/bin/sh\n',
    digest: 'app-digest-1',
    args: [],
    env: {},
    inputs: {},
    files: {},
    timeoutMs: 600_000,
    ...more,
  };
}

export function container(more: Partial<DesiredContainer> = {}): DesiredContainer {
  const position = { file: 'phoenix_lxc_configs.json', line: 3, column: 5 };
  return desiredContainer(101, { name: 'web', position, ...more });
}

type Given = {
  readonly guest: DesiredGuest;
  readonly record?: RecordState;
  readonly running?: boolean;
  readonly answers?: readonly (readonly [string, Outcome])[];
  readonly others?: readonly DesiredGuest[];
  readonly verb?: string;
};

/** What a step is asked, for a guest that runs and has no record unless said otherwise. */
export function asked(given: Given): StepInput<DesiredGuest> {
  const { guest, record = 'none', running = true, others = [] } = given;
  const observed: ObservedGuest = {
    vmid: guest.vmid,
    kind: guest.kind,
    node: 'pve',
    config: { head: { keys: new Map(), raw: [] }, snapshots: new Map() },
    digest: '0'.repeat(40),
    running,
    record,
    tasks: [],
  };
  const node: Observation = {
    text: '',
    nodeName: 'pve',
    hasProxmox: true,
    guests: new Map([[guest.vmid, observed]]),
    storages: new Map(),
    templates: [],
    volumes: [],
    bridges: [],
    paths: new Map(),
    gpuDevices: [],
    openEntries: [],
    diagnostics: [],
  };
  return {
    desired: guest,
    observed: { node, guest: observed, answers: new Map(given.answers) },
    folder: {
      path: '/folder',
      folderId: 'phoenix',
      hypervisor: { settings: {} },
      guests: new Map([...others, guest].map((each) => [each.vmid, each])),
    },
    consent: { allows: (effect) => effect === 'live', adopt: false },
    purpose: { verb: given.verb ?? 'converge', options: {} },
  };
}

export const PASSED: Outcome = { exitCode: 0, stdout: '', stderr: '', kind: 'done' };
export const FAILED: Outcome = { exitCode: 1, stdout: '', stderr: 'no\n', kind: 'refused' };
/** A program that ended well enough to have an exit code, which says no. */
export const ENDED_BADLY: Outcome = { exitCode: 3, stdout: '', stderr: 'no\n', kind: 'done' };
export const NOT_RUN: Outcome = { exitCode: null, stdout: '', stderr: '', kind: 'refused' };
export const LOST: Outcome = { exitCode: null, stdout: '', stderr: '', kind: 'lost' };
