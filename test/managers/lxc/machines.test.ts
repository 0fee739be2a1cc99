import { describe, expect, test } from 'vitest';
import { lxcMachines } from '../../../src/managers/lxc/index.ts';
import { destroyGuest } from '../../../src/managers/guest/destroy-guest.ts';
import { mayAct } from '../../../src/managers/guest/may-act.ts';
import { mayDestroy } from '../../../src/managers/guest/may-destroy.ts';
import { stopGuest } from '../../../src/managers/guest/stop-guest.ts';
import { ask, codes, commands, guest, MINIMAL, OURS } from '../given.ts';

test('the state machines read like their specification', () => {
  const { converge, start, stop, restart, delete: remove, healthCheck } = lxcMachines;
  expect(converge.steps.map(({ name }) => name)).toEqual([
    'validate_inputs',
    'ensure_container_defined',
    'apply_configurations',
    'start_container',
    'apply_features',
    'run_application_script',
    'run_health_check',
    'finalize',
  ]);
  const others = [start, stop, restart, remove, healthCheck];
  expect(others.map(({ steps }) => steps.map(({ name }) => name))).toEqual([
    ['validate_inputs', 'start_container'],
    ['validate_inputs', 'stop_container'],
    ['validate_inputs', 'stop_container', 'start_container'],
    ['validate_inputs', 'stop_container', 'destroy_container'],
    ['validate_inputs', 'run_health_check'],
  ]);
});

describe('stop_container', () => {
  const running = guest(MINIMAL, { running: true });

  test.each([
    ['D-17: gracefully', {}, 'pct shutdown 8101 --timeout 60'],
    ['within the time given', { timeout: 5 }, 'pct shutdown 8101 --timeout 5'],
    ['cut off only where that is asked', { force: true }, 'pct shutdown 8101 --timeout 60 --forceStop 1'],
  ])('%s', (_, options, expected) => {
    expect(commands(ask(stopGuest('lxc'), { guest: running, options, verb: 'stop' }))).toEqual([expected]);
  });

  test('does nothing to one that is stopped', () => {
    expect(ask(stopGuest('lxc'), { guest: guest(MINIMAL) }).changes).toEqual([]);
  });
});

describe('destroy_container', () => {
  test('destroys the container and what Phoenix keeps about it, and no disk beside', () => {
    const found = guest(MINIMAL, { firewall: '[RULES]\n' });
    const answer = ask(destroyGuest('lxc'), { guest: found, verb: 'delete' });
    expect(answer.operations.map((one) => (one.op === 'write' ? [one.path, one.content] : one.op))).toEqual([
      'pve',
      ['/etc/pve/priv/phoenix/8101.json', null],
      ['/etc/pve/firewall/8101.fw', null],
    ]);
    expect(commands(answer)[0]).toBe('pct destroy 8101 --purge 1');
    expect(answer.changes).toMatchObject([{ effect: 'destroys-data' }]);
  });

  test('nothing where it is gone', () => {
    expect(ask(destroyGuest('lxc'), {}).operations).toEqual([]);
    expect(ask(mayDestroy, {})).toMatchObject({ finished: true, diagnostics: [] });
  });

  test.each([
    ['D-17: a protected one', guest(`${MINIMAL}protection: 1\n`), ['lxc/protected']],
    ["someone else's", guest(MINIMAL.replace(OURS, '')), ['lxc/foreign-guest']],
    ['a VM', guest('name: x\n', { kind: 'vm' }), ['lxc/is-a-vm']],
    ['one of another node', guest(MINIMAL, { node: 'b' }), ['lxc/on-other-node']],
  ])('refuses before anything is touched: %s', (_, found, expected) => {
    for (const step of [mayDestroy, destroyGuest('lxc')]) {
      const answer = ask(step, { guest: found, verb: 'delete' });
      expect(codes(answer)).toEqual(expected);
      expect(answer.operations).toEqual([]);
    }
  });
});

describe('verbs that act on what is there', () => {
  test.each([
    ['nothing there', undefined, ['lxc/missing']],
    ['ours', guest(MINIMAL), []],
    ["someone else's", guest(MINIMAL.replace(OURS, '')), ['lxc/foreign-guest']],
  ])('%s', (_, found, expected) => {
    expect(codes(ask(mayAct, found ? { guest: found } : {}))).toEqual(expected);
  });
});
