import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import { planFeatures } from '../../src/guest/plan-features.ts';
import type { StepAnswer } from '../../src/model/step.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import { convergeOn, loaded } from '../examples/on-twin.ts';
import { lxcManager } from '../../src/managers/lxc/index.ts';
import type { DesiredContainer } from '../../src/model/desired.ts';
import type { CheckOperation, ExecOperation } from '../../src/model/operation.ts';
import { NOTHING, type Step } from '../../src/model/step.ts';
import { freshWorld } from '../../src/twin/world.ts';
import { FAILED, asked } from './given.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'phoenix-drop-in-'));
  write('phoenix_hypervisor_config.json', '{ "folder_id": "drop-in" }');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function dropIn(name: string, install: string): void {
  write(
    `features/${name}/feature.json`,
    JSON.stringify({
      name,
      description: 'Dropped in.',
      options: { greeting: { description: 'What it says.', default: 'hello' } },
      inputs: ['ports'],
    }),
  );
  write(`features/${name}/check`, '#!/bin/sh\ntest -e /etc/dropped-in\n');
  write(`features/${name}/install`, install);
  write(`features/${name}/files/greeting.txt`, 'from a file\n');
  chmodSync(path.join(folder, `features/${name}/install`), 0o755);
}

function guestWith(more: Record<string, unknown>): void {
  const container = {
    name: 'web',
    template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
    storage_pool: 'local-btrfs',
    unprivileged: true,
    network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.120/24', gw: '10.99.0.1' },
    ...more,
  };
  write('phoenix_lxc_configs.json', JSON.stringify({ lxc_configs: { '120': container } }));
}

/** What is planned for the guest once its probes said no. */
async function planned(): Promise<StepAnswer> {
  const builtinFeatures = path.resolve(import.meta.dirname, '../../features');
  const loaded = await loadFolder({ path: folder, env: {}, cwd: folder, builtinFeatures });
  expect(loaded.diagnostics).toEqual([]);
  const guest = loaded.folder?.guests.get(120);
  if (!guest) throw new Error('no guest 120');
  const answers = planFeatures(asked({ guest })).probes.map((probe) => [probeKey(probe), FAILED] as const);
  return planFeatures(asked({ guest, answers }));
}

test('a feature is planned as soon as its folder is there and a guest names it', async () => {
  const install = '#!/bin/sh\ncp "$(dirname "$0")/greeting.txt" /etc/dropped-in\n';
  dropIn('drop_in', install);
  guestWith({ features: ['base_setup', { name: 'drop_in', options: { greeting: 'hi' } }], ports: ['80:80'] });
  const { changes, operations } = await planned();
  expect(changes.map((change) => change.attribute)).toEqual(['feature base_setup', 'feature drop_in']);
  expect(operations.map((operation) => operation.op)).toEqual([
    'exec',
    'check',
    'write',
    'exec',
    'check',
    'write',
  ]);
  expect(operations[3]).toMatchObject({
    script: {
      content: install,
      files: { 'greeting.txt': 'from a file\n' },
      inputs: { ports: ['80:80'] },
    },
    env: { PHOENIX_OPTION_GREETING: 'hi' },
    timeoutMs: 900_000,
  });
});

test("a folder's own feature goes before the built-in one of its name", async () => {
  const install = '#!/bin/sh\necho mine\n';
  dropIn('docker', install);
  guestWith({ features: ['docker'] });
  const { operations } = await planned();
  expect(operations[0]).toMatchObject({ script: { content: install } });
});

test.each<[string, () => void]>([
  ['its script', () => dropIn('drop_in', '#!/bin/sh\n# newer\n')],
  ['one of its files', () => write('features/drop_in/files/greeting.txt', 'another\n')],
  ['an option', () => guestWith({ features: [{ name: 'drop_in', options: { greeting: 'x' } }] })],
  ['an input', () => guestWith({ features: ['drop_in'], ports: ['81:81'] })],
])('%s changes its digest', async (_, change) => {
  dropIn('drop_in', '#!/bin/sh\n');
  guestWith({ features: ['drop_in'] });
  const before = await planned();
  change();
  const after = await planned();
  expect(after.changes[0]?.after).not.toBe(before.changes[0]?.after);
});

test('what it has nothing to do with leaves its digest alone', async () => {
  dropIn('drop_in', '#!/bin/sh\n');
  guestWith({ features: ['drop_in'] });
  const before = await planned();
  guestWith({ features: ['drop_in'], memory_mb: 1024, tags: ['x'] });
  expect((await planned()).changes).toEqual(before.changes);
});

test('a feature and a step that are dropped in run, each once', async () => {
  dropIn('drop_in', '#!/bin/sh\n');
  guestWith({ features: ['drop_in'], storage_size_gb: 10 });
  const wanted = await loaded(folder);
  const world = freshWorld();
  const withStep = { ...lxcManager, steps: [...lxcManager.steps, greet] };
  const first = await convergeOn(world, wanted, withStep);
  expect(first.exitCode).toBe(0);
  const inside = first.targets.flatMap(({ operations }) => operations).filter(({ op }) => op === 'exec');
  expect(inside).toMatchObject([{ title: 'install feature drop_in' }, { title: 'say hello' }]);
  const second = await convergeOn(world, wanted, withStep);
  expect(second.targets.flatMap(({ operations }) => operations)).toEqual([]);
  expect(second.exitCode).toBe(0);
});

const MARK = '/etc/greeted';

/** A step of somebody's own: it puts a file into the guest, once, and asks for it first. */
const greet: Step<DesiredContainer> = {
  name: 'greet',
  plan: ({ desired: { vmid: target }, observed }) => {
    const common = { target, step: 'greet', changes: ['greeting'], gates: [] };
    const probe: CheckOperation = {
      ...common,
      changes: [],
      op: 'check',
      in: target,
      needs: ['greeted'],
      probe: { kind: 'command', argv: ['test', '-e', MARK] },
      retries: 1,
      intervalMs: 0,
      timeoutMs: 1000,
    };
    const answer = observed.answers.get(probeKey(probe));
    if (answer?.kind === 'done') return NOTHING;
    if (!answer) return { ...NOTHING, probes: [probe] };
    const hello: ExecOperation = {
      ...common,
      op: 'exec',
      in: target,
      provides: ['greeted'],
      argv: ['touch', MARK],
      timeoutMs: 1000,
      title: 'say hello',
    };
    const change = {
      target,
      step: 'greet',
      attribute: 'greeting',
      before: undefined,
      after: 'said',
      effect: 'live',
    } as const;
    return { ...NOTHING, changes: [change], operations: [hello], probes: [probe] };
  },
};
