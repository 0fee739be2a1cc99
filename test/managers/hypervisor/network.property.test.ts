import fc from 'fast-check';
import { faultsWithin } from '../../property/faults.ts';
import { expect, test } from 'vitest';
import { configureNetwork } from '../../../src/managers/hypervisor/configure-network.ts';
import type { DesiredInterface, DesiredNetwork } from '../../../src/model/desired-network.ts';
import { bootSwitches } from '../../../src/twin/host-tools/dead-man.ts';
import { isReachable } from '../../../src/twin/host-tools/reachable.ts';
import type { World } from '../../../src/twin/index.ts';
import { INSTALLED, networkedWorld } from '../../twin/host-tools/networked-world.ts';
import { machineOf, setUp } from './on-host-twin.ts';

const position = { file: 'phoenix_hypervisor_config.json', line: 1, column: 1 };
const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 150);
const FOREIGN = [
  '# somebody else\u2019s',
  'auto dummy0',
  'iface dummy0 inet static',
  '   address  192.0.2.1',
  '   up echo "hi" \\',
  '      there',
];

/** Interfaces by which the host is reachable, in several hands' styles, with others' lines among them. */
const state = fc
  .record({
    base: fc.constantFrom(
      INSTALLED,
      INSTALLED.replace('address 10.0.0.13/24', 'address 10.0.0.13\n\tnetmask 255.255.255.0'),
      INSTALLED.replaceAll('bridge-', 'bridge_').replaceAll('\t', '    '),
      'auto lo eno1\niface lo inet loopback\niface eno1 inet static\n  address 10.0.0.13/24\n  gateway 10.0.0.1',
      'auto eno1\niface eno1 inet dhcp\n',
    ),
    isFirst: fc.boolean(),
  })
  .map(({ base, isFirst }) => {
    const foreign = FOREIGN.join('\n');
    return isFirst ? `${foreign}\n\n${base}` : `${base}\n\n${foreign}\n`;
  });

const cidr = fc.constantFrom('10.0.0.13/24', '10.0.0.14/24', '10.0.0.1/24', '10.8.0.13/24', 'dhcp', 'manual');
const gateway = fc.constantFrom('10.0.0.1', '10.0.0.77', '10.8.0.1');
const addressed = fc.record(
  { address: cidr, gateway, mtu: fc.constantFrom(1500, 9000) },
  { requiredKeys: [] },
);
const main: fc.Arbitrary<DesiredInterface> = fc
  .record({
    addresses: addressed,
    ports: fc.option(fc.constantFrom(['eno1'], ['eno2'], ['bond0'], [] as string[], ['eno9']), {
      nil: undefined,
    }),
    isVlanAware: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ addresses, ports, isVlanAware }) => ({
    kind: 'bridge',
    name: 'vmbr0',
    position,
    ...addresses,
    ...(ports && { ports }),
    ...(isVlanAware !== undefined && { isVlanAware }),
  }));
const extra: fc.Arbitrary<DesiredInterface> = fc.constantFrom<DesiredInterface>(
  { kind: 'bridge', name: 'vmbr1', ports: [], position },
  { kind: 'vlan', name: 'eno2.5', device: 'eno2', tag: 5, address: '10.5.0.1/24', position },
  { kind: 'plain', name: 'eno2', address: '10.6.0.1/24', position },
);
const bond: DesiredInterface = {
  kind: 'bond',
  name: 'bond0',
  members: ['eno1', 'eno2'],
  mode: 'active-backup',
  position,
};
const network = fc
  .record({ main, extra: fc.option(extra, { nil: undefined }) })
  .map(({ main, extra }): DesiredNetwork => {
    const needsBond = main.kind === 'bridge' && main.ports?.includes('bond0') === true;
    return {
      interfaces: [main, ...(needsBond ? [bond] : extra ? [extra] : [])],
      nameservers: ['10.0.0.1'],
      confirmWithinSeconds: 60,
      position,
    };
  });

const fault = faultsWithin(25);

function mustHold(world: World): void {
  expect(isReachable(world)).toBe(true);
  const text = world.files['/etc/network/interfaces']?.text ?? '';
  expect(world.network?.loaded).toBe(text);
  const at = text.split('\n').indexOf(FOREIGN[0] ?? '');
  expect(text.split('\n').slice(at, at + FOREIGN.length)).toEqual(FOREIGN);
}

test(
  'whatever the folder says and whatever dies, the host is reachable in the end and a re-run mends',
  { timeout: 60_000 + RUNS * 200 },
  async () => {
    const seen = { kept: 0, taken: 0, refused: 0, killed: 0, mended: 0 };
    await fc.assert(
      fc.asyncProperty(
        state,
        network,
        fc.option(fc.record({ index: fc.nat(6), fault, boots: fc.boolean() }), { nil: undefined }),
        fc.constantFrom('203.0.113.9', '10.0.0.50'),
        async (interfaces, wanted, trouble, client) => {
          const world = networkedWorld({ interfaces, client });
          expect(isReachable(world)).toBe(true);
          const run = {
            desired: { network: wanted },
            steps: [configureNetwork],
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
            const third = await setUp(world, run);
            expect([third?.exitCode, third?.targets[0]?.result]).toEqual([0, 'unchanged']);
          } else if (world.files['/var/lib/phoenix/dead-man/network/state'] === undefined) seen.refused += 1;
          else seen.taken += 1;
        },
      ),
      { numRuns: RUNS },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 100);
  },
);
