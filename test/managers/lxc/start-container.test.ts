import { describe, expect, test } from 'vitest';
import { startContainer as step } from '../../../src/managers/lxc/start-container.ts';
import type { DesiredFeature } from '../../../src/model/desired.ts';
import { ask, codes, commands, effects, guest, MINIMAL, record } from '../given.ts';

const NICS = [{ name: 'eth0', bridge: 'vmbr0', ip: 'dhcp' }];
const FEATURE: DesiredFeature = {
  name: 'docker',
  needs: [],
  digest: 'd1',
  options: {},
  inputs: {},
  check: '',
  install: '',
  files: {},
  timeoutMs: 1,
};

describe('a stopped container', () => {
  test('is started and waited for until it is really up', () => {
    const answer = ask(step, { desired: { nics: NICS }, guest: guest(MINIMAL) });
    expect(answer.operations.map((one) => (one.op === 'wait' ? one.for : one.op))).toEqual([
      'pve',
      'running',
      'init',
      'network',
    ]);
    expect(commands(answer)).toEqual(['pct start 8101']);
    expect(effects(answer)).toEqual({ running: 'live' });
  });

  test('without an address is not waited for on the network', () => {
    const answer = ask(step, { desired: { nics: [{ name: 'eth0', ip: 'manual' }] }, guest: guest(MINIMAL) });
    expect(answer.operations).not.toContainEqual(expect.objectContaining({ for: 'network' }));
  });

  test.each([
    ['D-05, D-37: a template', `${MINIMAL}template: 1\n`, {}],
    ['a golden container', `${MINIMAL}\n[golden]\narch: amd64\n`, { templateSnapshotName: 'golden' }],
  ])('%s is never started', (_, text, desired) => {
    const answer = ask(step, { desired, guest: guest(text), verb: 'start' });
    expect(answer).toMatchObject({ finished: true, operations: [] });
    expect(codes(answer)).toEqual(['lxc/never-started']);
  });
});

describe('a running container', () => {
  const running = (text: string, more: object = {}) =>
    guest(text, { running: true, record: 'none', ...more });

  test('D-18: is left alone where nothing waits', () => {
    expect(ask(step, { desired: { nics: NICS }, guest: running(MINIMAL) })).toMatchObject({
      changes: [],
      operations: [],
    });
  });

  test('is waited for where something is still to be run in it', () => {
    const [unapplied, applied] = [{}, { docker: 'd1' }].map((features) =>
      ask(step, {
        desired: { features: [FEATURE] },
        guest: running(MINIMAL, { record: { features, scripts: {} } }),
      }),
    );
    expect(unapplied?.operations.map(({ op }) => op)).toEqual(['wait', 'wait']);
    expect(applied?.operations).toEqual([]);
  });

  const PENDING = `${MINIMAL}mp0: /srv,mp=/s
mp1: /opt,mp=/theirs

[pve:pending]
delete: mp0,mp1
nameserver: 9.9.9.9
tty: 3
`;
  const waiting = { record: 'none', nodeRecord: record({ mounts: ['/s'] }) } as const;

  test('with something of ours pending: the restart is left without consent', () => {
    const answer = ask(step, {
      desired: { nameservers: ['9.9.9.9'] },
      guest: running(PENDING, waiting),
    });
    expect(answer.changes).toEqual([
      {
        target: 8101,
        step: 'start_container',
        attribute: 'restart',
        before: undefined,
        after: 'nameserver, mount /s goes',
        effect: 'restart',
      },
    ]);
    expect(answer.operations).toEqual([]);
  });

  test('with consent it happens once, for everything', () => {
    const answer = ask(step, {
      desired: { nameservers: ['9.9.9.9'] },
      guest: running(PENDING, waiting),
      allow: ['restart'],
    });
    expect(commands(answer)).toEqual(['pct shutdown 8101 --timeout 60', 'pct start 8101']);
  });

  test('what someone else made wait asks for no restart', () => {
    expect(ask(step, { guest: running(PENDING), allow: ['restart'] }).changes).toEqual([]);
  });

  const LINE = ['lxc.apparmor.profile', 'unconfined'] as const;

  test.each([
    ['started with the line', [LINE], {}],
    ['not to be seen what it was started with', undefined, {}],
    ['started without it', [], { restart: 'restart' }],
  ])('with a raw line in its config, %s', (_, startedWith, expected) => {
    const found = running(`${MINIMAL}lxc.apparmor.profile: unconfined\n`, {
      ...(startedWith && { startedWith }),
      nodeRecord: record({ rawLines: [LINE.join(': ')] }),
    });
    expect(effects(ask(step, { desired: { rawLines: [LINE] }, guest: found }))).toEqual(expected);
  });

  test('with a line of ours gone from its config that it was started with', () => {
    const found = running(MINIMAL, {
      startedWith: [LINE],
      nodeRecord: record({ rawLines: [LINE.join(': ')] }),
    });
    expect(effects(ask(step, { guest: found }))).toEqual({ restart: 'restart' });
  });

  test('forgets, after the restart, what went with it', () => {
    const found = running(MINIMAL, { startedWith: [], nodeRecord: record({ rawLines: [LINE.join(': ')] }) });
    expect(effects(ask(step, { guest: found }))).toEqual({ record: 'live' });
  });
});

describe('SSH host keys', () => {
  const clone = guest(MINIMAL, {
    running: true,
    record: 'none',
    nodeRecord: record({ renewHostKeys: true, nics: ['eth0'] }),
  });

  test('of a fresh clone are made anew, then the mark in its record goes', () => {
    const answer = ask(step, { guest: clone });
    expect(answer.operations.map((one) => (one.op === 'wait' ? one.for : one.op))).toEqual([
      'running',
      'init',
      'exec',
      'write',
    ]);
    const [exec, write] = answer.operations.slice(-2);
    expect(exec).toMatchObject({ in: 8101, script: { args: ['phoenix/8101'] } });
    expect(write?.op === 'write' && JSON.parse(String(write.content ?? ''))).toEqual(
      record({ nics: ['eth0'] }),
    );
  });

  test('of anything else stay', () => {
    const found = guest(MINIMAL, { running: true, record: 'none' });
    expect(ask(step, { desired: { cloneFrom: { vmid: 8100 } }, guest: found }).operations).toEqual([]);
  });
});

describe('pre-configured', () => {
  const found = guest(MINIMAL, { running: true, record: 'none' });

  test('is taken where it is missing, once', () => {
    const answer = ask(step, { desired: { lifecycleSnapshots: true }, guest: found });
    expect(commands(answer)).toEqual(['pct snapshot 8101 pre-configured']);
    const taken = guest(`${MINIMAL}\n[pre-configured]\narch: amd64\n`, { running: true, record: 'none' });
    expect(ask(step, { desired: { lifecycleSnapshots: true }, guest: taken }).operations).toEqual([]);
  });

  test('is left to finalize where it is the golden snapshot', () => {
    const desired = { lifecycleSnapshots: true, templateSnapshotName: 'pre-configured' };
    expect(ask(step, { desired, guest: found }).operations).toEqual([]);
  });
});
