import { describe, expect, test } from 'vitest';
import { startVm } from '../../../src/managers/vm/start-vm.ts';
import { waitForGuestAgent } from '../../../src/managers/vm/wait-for-guest-agent.ts';
import type { DesiredVm } from '../../../src/model/desired.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { cloudInit } from '../../desired-vm.ts';
import { feature, script } from '../../guest/given.ts';
import { codes, commands, effects, OURS, record } from '../given.ts';
import { askVm, vm, type GivenVm } from './ask-vm.ts';

const TEXT = `${OURS}agent: 1
cores: 1
memory: 512
name: web
scsi0: local:8101/vm-8101-disk-0.raw,size=1G
`;

function waitsOf(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap((one) => (one.op === 'wait' ? [one.for] : []));
}

describe('start_vm', () => {
  const plan = (text: string, desired: Partial<DesiredVm>, more: GivenVm & { running?: boolean } = {}) => {
    const { running = false, ...given } = more;
    return askVm(startVm, { guest: vm(text, { running }), desired: { agent: true, ...desired }, ...given });
  };

  test('a stopped VM is started, and waited for until it runs', () => {
    const answer = plan(TEXT, {});
    expect(commands(answer)).toEqual(['qm start 8101']);
    expect(waitsOf(answer.operations)).toEqual(['running']);
    expect(effects(answer)).toEqual({ running: 'live' });
  });

  test('a VM that runs and waits for nothing is left alone', () => {
    expect(plan(TEXT, { memoryMiB: 512 }, { running: true })).toMatchObject({ changes: [], operations: [] });
  });

  test.each([
    ['a template', `${TEXT}template: 1\n`, {}],
    ['a golden VM', `${TEXT}\n[ready]\nname: web\nsnaptime: 1\n`, { templateSnapshotName: 'ready' }],
  ])('%s is never started', (_, text, desired) => {
    const answer = plan(text, desired);
    expect(answer).toMatchObject({ changes: [], operations: [], finished: true });
    expect(codes(answer)).toEqual(['vm/never-started']);
  });

  const PENDING = `${TEXT}scsi1: local:8101/y.raw\n\n[PENDING]\ndelete: serial0,scsi1\nballoon: 256\nmemory: 1024\nnet0: virtio=52:54:00:AA:CC:01\nscsi7: local:8101/x.raw\n`;
  const OURS_WAIT = {
    memoryMiB: 1024,
    serialConsole: false,
    nics: [{ slot: 'net0' }],
  };

  test('one restart for all of ours that waits, if it is allowed', () => {
    const guest = vm(PENDING, { running: true, nodeRecord: record({ disks: ['scsi1'] }) });
    const left = askVm(startVm, { guest, desired: { agent: true, ...OURS_WAIT } });
    expect(commands(left)).toEqual([]);
    expect(left.changes).toMatchObject([
      { attribute: 'restart', after: 'serial0, memory, disk scsi1 goes, nic net0', effect: 'restart' },
    ]);
    const done = askVm(startVm, { guest, desired: { agent: true, ...OURS_WAIT }, allow: ['restart'] });
    expect(commands(done)).toEqual(['qm shutdown 8101 --timeout 180', 'qm start 8101']);
    expect(waitsOf(done.operations)).toEqual(['running']);
  });

  test("what somebody else made wait asks for no restart, nor does a value that isn't the folder's", () => {
    expect(plan(PENDING, { memoryMiB: 512 }, { running: true })).toMatchObject({
      changes: [],
      operations: [],
    });
  });

  test('Cloud-Init settings that its drive was not made with wait, too', () => {
    const text = `${TEXT}ciuser: a\n\n[special:cloudinit]\nadded: ciuser\nname: old\n`;
    const answer = plan(text, { cloudInit: cloudInit() }, { running: true });
    expect(answer.changes).toMatchObject([{ attribute: 'restart', after: 'ciuser' }]);
    expect(plan(text, {}, { running: true }).changes).toEqual([]);
  });
});

describe('wait_for_guest_agent', () => {
  const START: Operation = {
    op: 'pve',
    target: 8101,
    step: 'start_vm',
    changes: ['running'],
    gates: [],
    call: 'qm start',
    vmid: 8101,
    params: {},
  };
  const RESIZE: Operation = {
    ...START,
    step: 'apply_vm_configurations',
    call: 'qm resize',
    positional: ['scsi0', '8G'],
  };
  const WITH_CLOUD_INIT = { agent: true, cloudInit: cloudInit() };
  const CHECK = {
    name: 'well',
    probe: { kind: 'command', argv: ['true'] },
    retries: 1,
    intervalMs: 1,
    timeoutMs: 1,
  } as const;
  const docker = feature('docker');
  const applied = { features: { docker: docker.digest }, scripts: {} };

  const plan = (desired: Partial<DesiredVm>, more: GivenVm & { text?: string; seen?: object } = {}) => {
    const { text = TEXT, seen = {}, ...given } = more;
    return askVm(waitForGuestAgent, { guest: vm(text, { running: true, ...seen }), desired, ...given });
  };

  test.each([
    ['nothing to be done inside', WITH_CLOUD_INIT, {}, []],
    ['started by this run', WITH_CLOUD_INIT, { done: [START] }, ['agent', 'cloud-init']],
    [
      'started by this run, with a Cloud-Init nobody gives anything',
      { agent: true },
      { done: [START] },
      ['agent'],
    ],
    [
      'the same with a drive for it',
      { agent: true },
      { done: [START], text: `${TEXT}ide2: local:8101/vm-8101-cloudinit.qcow2,media=cdrom\n` },
      ['agent', 'cloud-init'],
    ],
    ['started, without an agent', { agent: false }, { done: [START] }, []],
    ['a feature to apply', { agent: true, features: [docker] }, { seen: { record: 'none' } }, ['agent']],
    ['a feature, and nobody saw the record', { agent: true, features: [docker] }, {}, ['agent']],
    ['a feature that is applied', { agent: true, features: [docker] }, { seen: { record: applied } }, []],
    [
      'a script to run',
      { agent: true, applicationScript: script() },
      { seen: { record: applied } },
      ['agent'],
    ],
    ['a VM that becomes a template', { agent: true, isTemplate: true }, {}, []],
    ['a VM that becomes golden', { agent: true, templateSnapshotName: 'ready' }, {}, []],
    [
      'a health check that goes in by the agent',
      { ...WITH_CLOUD_INIT, healthChecks: [CHECK] },
      {},
      ['agent'],
    ],
  ])('%s', (_, desired, more, expected) => {
    const answer = plan(desired, more);
    expect(waitsOf(answer.operations)).toEqual(expected);
    expect(answer).toMatchObject({ changes: [], diagnostics: [] });
  });

  test('an agent whose channel waits for a restart that is not allowed', () => {
    const text = TEXT.replace('agent: 1\n', '') + '\n[PENDING]\nagent: 1\n';
    const desired = { agent: true, features: [docker] };
    const answer = plan(desired, { text, seen: { record: 'none' } });
    expect(codes(answer)).toEqual(['vm/agent-waits-for-restart']);
    expect(answer.diagnostics[0]?.remedy).toContain('--allow restart');
    expect(plan({ agent: true }, { text })).toMatchObject({ operations: [], diagnostics: [] });
  });

  test('a VM that ended soon after its start', () => {
    const answer = plan({ agent: true }, { done: [START], seen: { running: false } });
    expect(codes(answer)).toEqual(['vm/not-running']);
  });

  test('a disk that this run grew: its filesystem grows with it, once, unless the VM was started since', () => {
    const grown = plan(WITH_CLOUD_INIT, { done: [RESIZE] });
    expect(waitsOf(grown.operations)).toEqual(['agent', 'cloud-init']);
    expect(effects(grown)).toEqual({ filesystem: 'live' });
    const grow = grown.operations.at(-1);
    expect(grow).toMatchObject({ op: 'exec', in: 8101, script: { name: 'grow-filesystem' } });
    for (const done of [[RESIZE, grow!], [RESIZE, START], []]) {
      expect(effects(plan(WITH_CLOUD_INIT, { done }))).toEqual({});
    }
    expect(effects(plan({ agent: false, cloudInit: cloudInit() }, { done: [RESIZE] }))).toEqual({});
  });
});
