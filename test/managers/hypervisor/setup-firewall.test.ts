import { describe, expect, test } from 'vitest';
import { setupFirewall } from '../../../src/managers/hypervisor/setup-firewall.ts';
import type { DesiredFirewallLevel, DesiredHostFirewall } from '../../../src/model/desired-host-firewall.ts';
import { isReachable } from '../../../src/twin/host-tools/reachable.ts';
import type { World } from '../../../src/twin/index.ts';
import { networkedWorld } from '../../twin/host-tools/networked-world.ts';
import { machineOf, said, setUp, type HostRun } from './on-host-twin.ts';

const position = { file: 'phoenix_hypervisor_config.json', line: 1, column: 1 };
const CLUSTER = '/etc/pve/firewall/cluster.fw';
const HOST = '/etc/pve/nodes/vm/host.fw';

function wanted(
  datacenter: Partial<DesiredFirewallLevel> = {},
  more: Partial<DesiredHostFirewall> = {},
): DesiredHostFirewall {
  return {
    datacenter: { rules: [], ...datacenter },
    aliases: [],
    ipSets: [],
    groups: [],
    confirmWithinSeconds: 60,
    position,
    ...more,
  };
}

function setup(
  world: World,
  firewall: DesiredHostFirewall,
  { allow = ['interrupts-network'], faults }: Pick<HostRun, 'allow' | 'faults'> = {},
) {
  return setUp(world, { desired: { firewall }, steps: [setupFirewall], allow, ...(faults && { faults }) });
}

const ssh = { type: 'in', action: 'ACCEPT', proto: 'tcp', port: '22' } as const;

describe('setup_firewall', () => {
  test('switches the firewall on with rules that let the connection in use in, and keeps what is others\u2019', async () => {
    const world = networkedWorld({ cluster: '[RULES]\n\nIN ACCEPT -p tcp -dport 443 # theirs\n\n' });
    const firewall = wanted(
      { enabled: true, inputPolicy: 'DROP', outputPolicy: 'ACCEPT', rules: [{ ...ssh, source: '+admins' }] },
      {
        ipSets: [{ name: 'admins', entries: ['203.0.113.0/24'] }],
        host: { enabled: true, rules: [{ ...ssh, source: '10.0.0.0/24' }] },
      },
    );
    const result = await setup(world, firewall);
    expect([result?.exitCode, said(result), isReachable(world)]).toEqual([0, [], true]);
    expect(world.files[CLUSTER]?.text).toBe(
      '[OPTIONS]\n\nenable: 1\n\n[IPSET admins]\n\n203.0.113.0/24\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 443 # theirs\nIN ACCEPT -source +admins -p tcp -dport 22\n\n',
    );
    expect(world.files[HOST]?.text).toBe(
      '[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN ACCEPT -source 10.0.0.0/24 -p tcp -dport 22\n\n',
    );
    expect(world.network?.firewall).toEqual({
      cluster: world.files[CLUSTER]?.text,
      host: world.files[HOST]?.text,
    });
    expect((await setup(world, firewall))?.targets[0]?.result).toBe('unchanged');
    const less = await setup(world, wanted({ enabled: false }));
    expect([less?.exitCode, world.files[CLUSTER]?.text]).toEqual([
      0,
      '[OPTIONS]\n\nenable: 0\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 443 # theirs\n\n',
    ]);
  });

  test('D-67: a folder that says nothing of the firewall leaves it as it is, and nothing ever stops it', async () => {
    const text = '[OPTIONS]\n\nenable: 1\npolicy_in: ACCEPT\n';
    const world = networkedWorld({ cluster: text });
    expect((await setUp(world, { desired: {}, steps: [setupFirewall] }))?.targets[0]?.result).toBe(
      'unchanged',
    );
    const result = await setup(world, wanted({ rules: [ssh] }));
    expect(world.files[CLUSTER]?.text?.startsWith(text)).toBe(true);
    const called =
      result?.targets[0]?.operations.map((one) => (one.op === 'exec' ? one.argv?.join(' ') : one.op)) ?? [];
    expect(called.filter((words) => /pve-firewall/.test(words ?? ''))).toEqual([]);
  });

  test('D-36: each file is written whole behind the switch, and the rules that stand are never taken out on the way', async () => {
    const world = networkedWorld({ cluster: '[RULES]\n\nIN DROP -source 10.9.0.0/16\n\n' });
    const seen: string[] = [];
    const { host } = { host: machineOf(world) };
    const { write } = host.files;
    Object.assign(host.files, {
      write: async (path: string, text: string, mode?: number) => {
        if (path === CLUSTER) seen.push(text);
        await write(path, text, mode);
      },
    });
    await setup(world, wanted({ rules: [ssh, { type: 'in', action: 'DROP', proto: 'udp' }] }));
    expect(seen).toEqual([
      '[RULES]\n\nIN DROP -source 10.9.0.0/16\nIN ACCEPT -p tcp -dport 22\nIN DROP -p udp\n\n',
    ]);
  });

  test('D-69: the rules of guests are never put among those of the host', async () => {
    const world = networkedWorld();
    world.files['/etc/pve/firewall/100.fw'] = {
      type: 'file',
      text: '[RULES]\n\nIN ACCEPT -p tcp -dport 3306\n',
    };
    await setup(world, wanted({ rules: [ssh] }));
    expect(world.files[CLUSTER]?.text).toBe('[RULES]\n\nIN ACCEPT -p tcp -dport 22\n\n');
    expect(world.files['/etc/pve/firewall/100.fw']?.text).toBe('[RULES]\n\nIN ACCEPT -p tcp -dport 3306\n');
  });

  test('without consent the rules come and nothing is switched on', async () => {
    const world = networkedWorld();
    const result = await setup(world, wanted({ enabled: true, rules: [ssh] }), { allow: [] });
    expect([result?.exitCode, result?.targets[0]?.left.map(({ attribute }) => attribute)]).toEqual([
      3,
      ['datacenter option enable'],
    ]);
    expect(world.files[CLUSTER]?.text).toBe('[RULES]\n\nIN ACCEPT -p tcp -dport 22\n\n');
  });

  test.each<[string, DesiredHostFirewall, string]>([
    ['cuts off the connection in use', wanted({ enabled: true }), 'firewall-would-cut-off'],
    [
      'drops it by a rule',
      wanted({ enabled: true, inputPolicy: 'ACCEPT', rules: [{ type: 'in', action: 'DROP' }] }),
      'firewall-would-cut-off',
    ],
    [
      'names an alias that is not there',
      wanted({ rules: [{ ...ssh, source: 'office' }] }),
      'unknown-firewall-name',
    ],
    [
      'names a group that is not there',
      wanted({ rules: [{ type: 'group', group: 'web' }] }),
      'unknown-firewall-name',
    ],
  ])('refuses one that %s', async (_name, firewall, code) => {
    const world = networkedWorld();
    const result = await setup(world, firewall);
    expect([result?.exitCode, said(result)]).toEqual([1, [`!hypervisor/${code}`]]);
    expect([world.files[CLUSTER], isReachable(world)]).toEqual([undefined, true]);
  });

  test('warns where the web interface is hidden from somebody', async () => {
    const world = networkedWorld();
    world.host.sessions = '0 0 [::ffff:10.0.0.13]:8006 [::ffff:203.0.113.9]:4711';
    const result = await setup(world, wanted({ enabled: true, rules: [ssh] }));
    expect([result?.exitCode, said(result)]).toEqual([0, ['hypervisor/firewall-hides-web']]);
  });

  test('takes back rules that lock everybody out, where nobody was seen to be connected', async () => {
    const world = networkedWorld();
    world.host.sessions = '';
    const result = await setup(world, wanted({ enabled: true }));
    expect([result?.exitCode, isReachable(world), world.files[CLUSTER]]).toEqual([1, true, undefined]);
    expect(said(await setup(world, wanted({ enabled: true })))).toContain('hypervisor/change-was-taken-back');
  });
});
