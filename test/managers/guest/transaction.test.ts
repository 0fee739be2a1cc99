import { describe, expect, test } from 'vitest';
import { lxcManager } from '../../../src/managers/lxc/index.ts';
import { inTransaction } from '../../../src/managers/guest/transaction.ts';
import type { DesiredContainer } from '../../../src/model/desired.ts';
import type { Faults } from '../../../src/twin/index.ts';
import { container } from '../../desired-container.ts';
import { converge, done, lab, type Lab } from '../on-twin.ts';

const manager = inTransaction('lxc', lxcManager);

const CHECK = {
  name: 'page',
  probe: { kind: 'command', argv: ['true'] },
  retries: 1,
  intervalMs: 1,
  timeoutMs: 1000,
} as const;

const web = (more: Partial<DesiredContainer> = {}): DesiredContainer =>
  container(8101, {
    name: 'web',
    template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
    storage: 'local-btrfs',
    rootfsGiB: 10,
    memoryMiB: 512,
    unprivileged: true,
    healthChecks: [CHECK],
    rollsBack: true,
    ...more,
  });

const CONFIG = '/etc/pve/nodes/vm/lxc/8101.conf';
const RECORD = '/etc/pve/priv/phoenix/8101.json';
const FIREWALL = '/etc/pve/firewall/8101.fw';

async function created(desired = web()): Promise<Lab> {
  const place = lab();
  const result = await converge(place, [desired], { manager });
  expect(result?.targets).toMatchObject([{ result: 'changed' }]);
  expect(done(result).filter((line) => line.includes('snapshot'))).toEqual([]);
  return place;
}

const failingCheck: Faults = (operation) =>
  operation.op === 'check' ? { fault: 'fail', when: 'before' } : undefined;

function text({ world }: Lab, path: string): string | undefined {
  return world.files[path]?.text;
}

/** Everything that a run could have left behind, without what tells that there once was a snapshot. */
function stateOf(place: Lab) {
  return structuredClone({
    config: text(place, CONFIG)?.replace(/^parent: .*\n/mu, ''),
    record: text(place, RECORD),
    firewall: text(place, FIREWALL),
    inside: place.world.volumes['local-btrfs']?.[8101]?.['8101/vm-8101-disk-0.raw']?.content,
    snapshots: Object.keys(
      place.world.volumes['local-btrfs']?.[8101]?.['8101/vm-8101-disk-0.raw']?.snapshots ?? {},
    ),
    isRunning: place.world.guests[8101]?.running !== undefined,
  });
}

const changed = web({
  memoryMiB: 1024,
  firewall: { enabled: true, rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '80' }] },
  devices: [{ path: '/dev/fuse' }],
});

describe('a change to a running guest that rolls back', () => {
  test('is kept where the guest is well, and the snapshot goes', async () => {
    const place = await created();
    const result = await converge(place, [changed], { manager, allow: ['restart'] });
    expect(result?.targets).toMatchObject([{ result: 'changed' }]);
    expect(done(result).filter((line) => /snapshot|rollback/.test(line))).toEqual([
      'pct snapshot 8101 phoenix-before',
      'pct delsnapshot 8101 phoenix-before',
    ]);
    expect(text(place, CONFIG)).toMatch(/^memory: 1024$/mu);
    expect(text(place, CONFIG)).not.toContain('[phoenix-before]');
    expect(text(place, RECORD)).not.toContain('before');
  });

  test('is taken back where a health check fails: configuration, disk, record and firewall', async () => {
    const place = await created();
    const before = stateOf(place);
    const result = await converge(place, [changed], { manager, allow: ['restart'], faults: failingCheck });
    expect(result?.exitCode).toBe(1);
    const [target] = result?.targets ?? [];
    expect(target?.result).toBe('failed');
    expect(target?.diagnostics.map(({ code }) => code)).toContain('engine/taken-back');
    const undone = target?.undone?.map(({ step, attribute }) => `${step} ${attribute}`);
    expect(undone).toContain('apply_configurations memory');
    expect(undone).not.toContain('take_back snapshot phoenix-before');
    expect(stateOf(place)).toEqual(before);
  });

  test('that nobody makes costs no snapshot', async () => {
    const place = await created();
    const result = await converge(place, [web()], { manager });
    expect(result?.targets).toMatchObject([{ result: 'unchanged' }]);
  });

  test('that nobody made is not taken back from a guest that is sick', async () => {
    const place = await created();
    const before = stateOf(place);
    const result = await converge(place, [web()], { manager, faults: failingCheck });
    expect(done(result)).toEqual([]);
    expect(stateOf(place)).toEqual(before);
  });

  test('killed at any operation, is finished by the same command', async () => {
    for (let index = 0; ; index += 1) {
      const place = await created();
      const killed = await converge(place, [changed], {
        manager,
        allow: ['restart'],
        faults: (_, nth) => (nth === index ? { fault: 'kill', tool: 'has-ended' } : undefined),
      });
      if (killed) {
        expect(index).toBeGreaterThan(6);
        break;
      }
      const again = await converge(place, [changed], { manager, allow: ['restart'] });
      expect([index, again?.exitCode]).toEqual([index, 0]);
      expect(text(place, CONFIG), `killed at ${index}`).toMatch(/^memory: 1024$/mu);
      expect(text(place, CONFIG), `killed at ${index}`).not.toContain('[phoenix-before]');
      expect(text(place, RECORD), `killed at ${index}`).not.toContain('"before"');
    }
  });

  test('killed while it is made or taken back, a next run that fails takes it back to the same state', async () => {
    for (let index = 0; ; index += 1) {
      const place = await created();
      const before = stateOf(place);
      const killed = await converge(place, [changed], {
        manager,
        allow: ['restart'],
        faults: (operation, nth) =>
          nth === index ? { fault: 'kill', tool: 'has-ended' } : failingCheck(operation, nth),
      });
      if (killed) {
        expect(index).toBeGreaterThan(8);
        break;
      }
      await converge(place, [changed], { manager, allow: ['restart'], faults: failingCheck });
      expect(stateOf(place), `killed at ${index}`).toEqual(before);
    }
  });
});

describe('a guest that can have no snapshot', () => {
  test.each([
    ['a storage without snapshots', web({ storage: 'local' }), {}, 'rootfs is on a storage of type dir'],
    [
      'a directory of the node in the folder',
      web(),
      { mounts: [{ hostPath: '/srv', path: '/srv' }] },
      '/srv (in the folder)',
    ],
    [
      'a directory of the node that is there already',
      web({ mounts: [{ hostPath: '/srv', path: '/srv' }] }),
      { mounts: [] },
      '/srv (mp0)',
    ],
  ])('is left as it is: %s', async (_, first, more, said) => {
    const place = await created(first);
    const before = stateOf(place);
    const result = await converge(place, [{ ...first, memoryMiB: 1024, ...more }], { manager });
    expect(result?.targets[0]?.diagnostics).toMatchObject([
      { code: 'guest/no-rollback', detail: expect.stringContaining(said) as string },
    ]);
    expect(stateOf(place)).toEqual(before);
  });
});
