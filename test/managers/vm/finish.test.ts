import { describe, expect, test } from 'vitest';
import { definitionDigest } from '../../../src/managers/guest/definition-digest.ts';
import { destroyGuest } from '../../../src/managers/guest/destroy-guest.ts';
import { stopGuest } from '../../../src/managers/guest/stop-guest.ts';
import { applyFeatures } from '../../../src/managers/vm/apply-features.ts';
import { finalize } from '../../../src/managers/vm/finalize.ts';
import { vmMachines } from '../../../src/managers/vm/index.ts';
import { validateInputs } from '../../../src/managers/vm/validate-inputs.ts';
import type { DesiredFeature } from '../../../src/model/desired.ts';
import { machine } from '../../desired-vm.ts';
import { codes, commands, effects, record } from '../given.ts';
import { askVm, vm, type GivenVm } from './ask-vm.ts';

const MINIMAL = `#phoenix%3A phoenix/8101
agent: 1
boot: order=scsi0
name: web
scsi0: local:8101/vm-8101-disk-0.qcow2,size=3G
`;
const FEATURE: DesiredFeature = {
  name: 'web-server',
  needs: [],
  digest: 'new',
  options: {},
  inputs: {},
  check: '#!/bin/sh\n',
  install: '#!/bin/sh\n',
  files: {},
  timeoutMs: 1000,
};
const running = (text = MINIMAL, more = {}) => vm(text, { running: true, ...more });

test('the state machines read like their specification', () => {
  const { converge, start, stop, restart, delete: remove, healthCheck } = vmMachines;
  expect(converge.steps.map(({ name }) => name)).toEqual([
    'validate_inputs',
    'ensure_vm_defined',
    'apply_vm_configurations',
    'generate_cloud_init',
    'start_vm',
    'wait_for_guest_agent',
    'apply_features',
    'run_application_script',
    'run_health_check',
    'finalize',
  ]);
  expect(
    [start, stop, restart, remove, healthCheck].map(({ steps }) => steps.map(({ name }) => name)),
  ).toEqual([
    ['validate_inputs', 'start_vm', 'wait_for_guest_agent'],
    ['validate_inputs', 'stop_vm'],
    ['validate_inputs', 'stop_vm', 'start_vm', 'wait_for_guest_agent'],
    ['validate_inputs', 'stop_vm', 'destroy_vm'],
    ['validate_inputs', 'run_health_check'],
  ]);
});

test('what looks into a VM asks for its record, which no observation holds unasked', () => {
  const desired = machine(8101);
  const asking = vmMachines.converge.steps.filter(({ needs }) => needs?.(desired).recordsOf !== undefined);
  expect(asking.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['wait_for_guest_agent', 'apply_features', 'run_application_script']),
  );
});

describe('finalize', () => {
  const golden = record({ golden: true });

  test('a template: its agent is waited for, its identity cleaned, then it is shut down and made one', () => {
    const desired = { isTemplate: true, agent: true };
    const answer = askVm(finalize, { desired, guest: running(MINIMAL, { nodeRecord: golden }) });
    expect(answer.operations.map(({ op }) => op)).toEqual(['wait', 'exec', 'pve', 'write', 'pve']);
    expect(commands(answer)).toEqual([
      '# run clean-identity in 8101',
      'qm shutdown 8101 --timeout 180',
      'qm template 8101',
    ]);
    expect(answer.operations[3]).toMatchObject({
      content: expect.stringContaining(definitionDigest(machine(8101, { name: 'web', ...desired }))),
    });
    expect(effects(answer)).toEqual({ template: 'live' });
  });

  test('a golden snapshot likewise', () => {
    const desired = { templateSnapshotName: 'ready', agent: true };
    const answer = askVm(finalize, { desired, guest: running(MINIMAL, { nodeRecord: golden }) });
    expect(commands(answer).at(-1)).toBe('qm snapshot 8101 ready');
  });

  test('one that was not made for it is shut down only where a restart is allowed', () => {
    const given: GivenVm = { desired: { isTemplate: true, agent: true }, guest: running() };
    const left = askVm(finalize, given);
    expect([left.operations, effects(left)]).toEqual([[], { template: 'restart' }]);
    expect(commands(askVm(finalize, { ...given, allow: ['restart'] }))).toContain('qm template 8101');
  });

  test('without an agent its identity stays, which is said', () => {
    const answer = askVm(finalize, {
      desired: { isTemplate: true },
      guest: running(MINIMAL, { nodeRecord: golden }),
    });
    expect(codes(answer)).toEqual(['vm/identity-kept']);
    expect(commands(answer)).toEqual(['qm shutdown 8101 --timeout 180', 'qm template 8101']);
  });
});

describe('snapshots around the features', () => {
  const desired = {
    agent: true,
    features: [FEATURE],
    preFeaturesSnapshot: 'before',
    postFeaturesSnapshot: 'after',
  };
  const applied = (digest: string) => ({ features: { 'web-server': digest }, scripts: {} });

  test('the first comes before anything is installed', () => {
    const answer = askVm(applyFeatures, {
      desired: { ...desired, features: [] },
      guest: running(MINIMAL, { record: 'none' }),
    });
    expect(commands(answer)).toEqual(['qm snapshot 8101 before', 'qm snapshot 8101 after']);
  });

  test('the second once all are there, each only once; it is too late for the first', () => {
    const guest = running(MINIMAL, { record: applied('new') });
    expect(commands(askVm(applyFeatures, { desired, guest }))).toEqual(['qm snapshot 8101 after']);
    const taken = `${MINIMAL}\n[after]\nsnaptime: 1\n`;
    const again = running(taken, { record: applied('new') });
    expect(askVm(applyFeatures, { desired, guest: again }).operations).toEqual([]);
  });

  test.each([
    [
      'a raw disk of a directory',
      'scsi0: local:8101/vm-8101-disk-0.raw,size=3G',
      ['vm/snapshot-not-supported'],
    ],
    ['a file of the node', 'scsi0: /srv/disk.qcow2,size=3G', ['vm/snapshot-not-supported']],
    ['a qcow2 disk beside a CD drive', 'ide2: local:8101/vm-8101-cloudinit.raw,media=cdrom', []],
  ])('with %s they are %s', (_, line, expected) => {
    const text = `${MINIMAL.replace(/^scsi0.*\n/m, line.startsWith('scsi0') ? '' : '$&')}${line}\n`;
    expect(codes(askVm(validateInputs, { desired, guest: vm(text) }))).toEqual(expected);
  });
});

describe('what the node lacks', () => {
  const image = { file: 'a.qcow2', url: 'https://images.test/a.qcow2' };

  test.each([
    [{ image, storage: 'nowhere' }, ['vm/storage-missing']],
    [
      { image, storage: 'local', disks: [{ slot: 'scsi1', storage: 'none', sizeGiB: 1 }] },
      ['vm/storage-missing'],
    ],
    [{ image, storage: 'local', nics: [{ slot: 'net0', bridge: 'vmbr9' }] }, ['vm/bridge-missing']],
    [{ image, storage: 'local' }, []],
    [{ cloneFrom: { vmid: 9000 } }, []],
  ])('%j: %j', (desired, expected) => {
    expect(codes(askVm(validateInputs, { desired }))).toEqual(expected);
  });
});

describe('stop and delete', () => {
  test.each([
    ['stop', {}, 'qm shutdown 8101 --timeout 60'],
    ['stop', { timeout: 120 }, 'qm shutdown 8101 --timeout 120'],
    ['stop', { force: true }, 'qm shutdown 8101 --timeout 60 --forceStop 1'],
    ['delete', {}, 'qm shutdown 8101 --timeout 60 --forceStop 1'],
  ])('%s with %j', (verb, options, expected) => {
    expect(commands(askVm(stopGuest('vm'), { guest: running(), options, verb }))).toEqual([expected]);
  });

  test('a VM goes with its record and its firewall file', () => {
    const guest = vm(MINIMAL, { firewall: '[OPTIONS]\n' });
    const answer = askVm(destroyGuest('vm'), { guest, verb: 'delete' });
    expect(commands(answer)).toEqual(['qm destroy 8101 --purge 1', 'rm -f -- /etc/pve/firewall/8101.fw']);
    expect(effects(answer)).toEqual({ 'virtual machine': 'destroys-data' });
  });

  test.each([
    ['protected', vm(`${MINIMAL}protection: 1\n`), 'vm/protected'],
    ['running', running(), 'vm/still-running'],
    ["somebody else's", vm(MINIMAL.replace(/^#.*\n/, '')), 'vm/foreign-guest'],
    ['on another node', vm(MINIMAL, { node: 'other' }), 'vm/on-other-node'],
  ])('one that is %s is refused', (_, guest, code) => {
    const answer = askVm(destroyGuest('vm'), { guest, verb: 'delete' });
    expect([codes(answer), answer.operations]).toEqual([[code], []]);
  });
});
