import { describe, expect, test } from 'vitest';
import { PVE_DIALECT } from '../../../src/node/index.ts';
import type { ConfirmOperation, Operation } from '../../../src/model/operation.ts';
import {
  applyArgv,
  readSwitchState,
  settleArgv,
  stagedPath,
  SWITCH,
  switchStatePath,
  switchToken,
} from '../../../src/pve/host/dead-man.ts';
import { bootSwitches } from '../../../src/twin/host-tools/dead-man.ts';
import { isReachable } from '../../../src/twin/host-tools/reachable.ts';
import { twinNode, type Faults } from '../../../src/twin/index.ts';
import type { World } from '../../../src/twin/world.ts';
import { INSTALLED, networkedWorld } from './networked-world.ts';

const COMMON = { target: 'node', step: 'configure_network', changes: ['x'], gates: [] } as const;
const FILE = '/etc/network/interfaces';
const TOKEN = switchToken(['old', 'new']);

const write = (path: string, content: string): Operation => ({
  ...COMMON,
  op: 'write',
  in: 'node',
  path,
  content,
});
const exec = (argv: readonly string[]): Operation => ({
  ...COMMON,
  op: 'exec',
  in: 'node',
  argv,
  timeoutMs: 300_000,
});
const confirm = (parts: Partial<ConfirmOperation> = {}): Operation => ({
  ...COMMON,
  op: 'confirm',
  in: 'node',
  name: 'network',
  token: TOKEN,
  addresses: [],
  timeoutMs: 60_000,
  ...parts,
});

function open(world: World, faults?: Faults) {
  const node = twinNode({ world, dialect: PVE_DIALECT, ...(faults && { faults }) });
  return { node, run: (operation: Operation) => node.run(operation, {}) };
}

async function change(world: World, next: string, faults?: Faults) {
  const opened = open(world, faults);
  const staged = stagedPath('network', 'interfaces');
  await opened.run(write(SWITCH.path, SWITCH.content));
  await opened.run(write(staged, next));
  await opened.run(exec(applyArgv('network', TOKEN, 60, [{ staged, target: FILE }])));
  return opened;
}

const stateOf = (world: World) => readSwitchState(world.files[switchStatePath('network')]?.text);

describe('the dead-man switch of a twin', () => {
  test('keeps a change that a fresh connection confirms', async () => {
    const world = networkedWorld();
    const next = INSTALLED.replace('\tbridge-fd 0', '\tbridge-fd 0\n\tmtu 9000');
    const { run } = await change(world, next);
    expect((await run(confirm({ gateway: '10.0.0.1' }))).kind).toBe('done');
    await run(exec(settleArgv('network', 100)));
    expect([world.network?.loaded, world.files[FILE]?.text, stateOf(world)?.state]).toEqual([
      next,
      next,
      'kept',
    ]);
  });

  test.each([
    ['a wrong gateway', INSTALLED.replace('gateway 10.0.0.1', 'gateway 10.0.0.2')],
    ['an address of another network', INSTALLED.replace('10.0.0.13/24', '10.9.0.13/24')],
    ['a bridge without its port', INSTALLED.replace('bridge-ports eno1', 'bridge-ports none')],
    ['a bridge over another card', INSTALLED.replace('bridge-ports eno1', 'bridge-ports eno2')],
    ['another address than anybody knows', INSTALLED.replace('10.0.0.13/24', '10.0.0.14/24')],
    ['a file that cannot be loaded', INSTALLED.replace('inet static', 'inet sttic')],
  ])('takes back %s', async (_name, next) => {
    const world = networkedWorld();
    const { run } = await change(world, next);
    expect((await run(confirm())).kind).toBe('refused');
    expect([world.network?.loaded, world.files[FILE]?.text, stateOf(world)?.state]).toEqual([
      INSTALLED,
      INSTALLED,
      'restored',
    ]);
    expect(isReachable(world)).toBe(true);
  });

  test('takes back by itself what nobody confirms, also when Phoenix dies as it begins', async () => {
    const world = networkedWorld();
    const dying = (operation: Operation) =>
      operation.op === 'exec' ? ({ fault: 'kill', tool: 'has-ended' } as const) : undefined;
    const next = INSTALLED.replace('gateway 10.0.0.1', 'gateway 10.0.0.2');
    const opened = open(world, dying);
    const staged = stagedPath('network', 'interfaces');
    await opened.run(write(SWITCH.path, SWITCH.content));
    await opened.run(write(staged, next));
    void opened.run(exec(applyArgv('network', TOKEN, 60, [{ staged, target: FILE }])));
    await opened.node.killed;
    await opened.node.host.sleep(10_000);
    expect(isReachable(world)).toBe(false);
    await opened.node.host.sleep(70_000);
    expect([isReachable(world), stateOf(world)?.reason]).toEqual([true, 'nobody confirmed it in time']);
  });

  test('takes back after a reboot in between, and a second change waits for the first', async () => {
    const world = networkedWorld();
    const next = INSTALLED.replace('gateway 10.0.0.1', 'gateway 10.0.0.2');
    const { run, node } = await change(world, next);
    const staged = stagedPath('network', 'interfaces');
    const second = await run(exec(applyArgv('network', 'other', 60, [{ staged, target: FILE }])));
    expect([second.kind, second.stderr]).toEqual([
      'refused',
      'Another change still waits for its confirmation.\n',
    ]);
    await bootSwitches(world, node.host);
    expect([isReachable(world), world.network?.loaded, stateOf(world)?.state]).toEqual([
      true,
      INSTALLED,
      'restored',
    ]);
  });

  test('obeys no other token', async () => {
    const world = networkedWorld();
    const { run } = await change(world, INSTALLED.replace('bridge-fd 0', 'bridge-fd 1'));
    expect((await run(confirm({ token: 'stale' }))).kind).toBe('refused');
    expect(world.network?.loaded).toBe(INSTALLED);
  });
});
