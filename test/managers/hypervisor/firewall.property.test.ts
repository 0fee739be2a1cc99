import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setupFirewall } from '../../../src/managers/hypervisor/setup-firewall.ts';
import type { DesiredHostFirewall, DesiredLevelRule } from '../../../src/model/desired-host-firewall.ts';
import { bootSwitches } from '../../../src/twin/host-tools/dead-man.ts';
import { isReachable } from '../../../src/twin/host-tools/reachable.ts';
import type { Fault, World } from '../../../src/twin/index.ts';
import { networkedWorld } from '../../twin/host-tools/networked-world.ts';
import { machineOf, setUp } from './on-host-twin.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 150);
const position = { file: 'phoenix_hypervisor_config.json', line: 1, column: 1 };
const CLUSTER = '/etc/pve/firewall/cluster.fw';
const FOREIGN = ['# by hand', 'IN ACCEPT -p tcp -dport 443 # theirs', '|IN DROP -source 10.9.0.0/16'];

const found = fc
  .record({
    options: fc.subarray(['enable: 1', 'policy_in: ACCEPT', 'policy_in: DROP', 'ebtables: 0'], {
      maxLength: 2,
    }),
    managers: fc.subarray(['203.0.113.0/24', '10.0.0.0/8']),
  })
  .map(({ options, managers }) =>
    [
      ...(options.length > 0 ? ['[OPTIONS]', '', ...options, ''] : []),
      ...(managers.length > 0 ? ['[IPSET management] # theirs', '', ...managers, ''] : []),
      '[RULES]',
      '',
      ...FOREIGN,
      '',
      '',
    ].join('\n'),
  );

const rule: fc.Arbitrary<DesiredLevelRule> = fc.oneof(
  fc.constantFrom<DesiredLevelRule>(
    { type: 'in', action: 'ACCEPT', proto: 'tcp', port: '22' },
    { type: 'in', action: 'SSH(ACCEPT)', source: '203.0.113.0/24' },
    { type: 'in', action: 'DROP', source: '203.0.113.9' },
    { type: 'in', action: 'DROP' },
    { type: 'out', action: 'DROP', proto: 'udp' },
    { type: 'in', action: 'ACCEPT', source: '+management' },
    { type: 'group', group: 'web' },
  ),
);
const rules = fc.uniqueArray(rule, { selector: (one) => JSON.stringify(one), maxLength: 3 });
const firewall: fc.Arbitrary<DesiredHostFirewall> = fc
  .record({
    enabled: fc.option(fc.boolean(), { nil: undefined }),
    inputPolicy: fc.option(fc.constantFrom('ACCEPT', 'DROP'), { nil: undefined }),
    rules,
    host: fc.option(rules, { nil: undefined }),
    managers: fc.subarray(['203.0.113.9', '198.51.100.0/24']),
    group: rules.map((list) => list.filter(({ type }) => type !== 'group')),
  })
  .map(({ enabled, inputPolicy, rules, host, managers, group }) => ({
    datacenter: {
      rules,
      ...(enabled !== undefined && { enabled }),
      ...(inputPolicy !== undefined && { inputPolicy }),
    },
    ...(host && { host: { enabled: true, rules: host } }),
    aliases: [],
    ipSets: managers.length > 0 ? [{ name: 'management', entries: managers }] : [],
    groups: group.length > 0 ? [{ name: 'web', rules: group }] : [],
    confirmWithinSeconds: 60,
    position,
  }));

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    fault: fc.constantFrom('fail' as const, 'hang' as const),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  fc.record({
    fault: fc.constant('kill' as const),
    tool: fc.constantFrom('not-started' as const, 'has-ended' as const),
  }),
  fc.record({
    fault: fc.constant('kill' as const),
    tool: fc.constantFrom('survives' as const, 'dies' as const),
    afterCalls: fc.nat(25),
  }),
);

function mustHold(world: World): void {
  expect(isReachable(world)).toBe(true);
  const text = world.files[CLUSTER]?.text ?? '';
  expect(world.network?.firewall).toEqual({
    cluster: text,
    host: world.files['/etc/pve/nodes/vm/host.fw']?.text ?? '',
  });
  expect(text.split('\n').filter((line) => FOREIGN.includes(line))).toEqual(FOREIGN);
}

test(
  'whatever the folder says and whatever dies, the firewall lets its user in, and a re-run mends',
  { timeout: 60_000 + RUNS * 200 },
  async () => {
    const seen = { kept: 0, taken: 0, refused: 0, killed: 0, mended: 0 };
    await fc.assert(
      fc.asyncProperty(
        found,
        firewall,
        fc.option(fc.record({ index: fc.nat(5), fault, boots: fc.boolean() }), { nil: undefined }),
        fc.record({ client: fc.constantFrom('203.0.113.9', '10.0.0.50'), isSeen: fc.boolean() }),
        async (cluster, wanted, trouble, { client, isSeen }) => {
          const world = networkedWorld({ cluster, client });
          if (!isSeen) world.host.sessions = '';
          fc.pre(isReachable(world));
          const run = {
            desired: { firewall: wanted },
            steps: [setupFirewall],
            allow: ['interrupts-network'] as const,
          };
          const first = await setUp(world, {
            ...run,
            ...(trouble && {
              faults: (_operation, index) => (index === trouble.index ? trouble.fault : undefined),
            }),
          });
          if (!first) seen.killed += 1;
          const machine = machineOf(world);
          if (trouble?.boots === true) await bootSwitches(world, machine);
          await machine.sleep(600_000);
          mustHold(world);
          const again = await setUp(world, run);
          await machine.sleep(600_000);
          mustHold(world);
          if (again?.exitCode === 0) {
            if (first?.exitCode !== 0) seen.mended += 1;
            seen.kept += 1;
            expect((await setUp(world, run))?.targets[0]?.result).toBe('unchanged');
          } else if (world.files['/var/lib/phoenix/dead-man/firewall/state'] === undefined) seen.refused += 1;
          else seen.taken += 1;
        },
      ),
      { numRuns: RUNS },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 100);
  },
);
