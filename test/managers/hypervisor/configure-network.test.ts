import { describe, expect, test } from 'vitest';
import { configureNetwork } from '../../../src/managers/hypervisor/configure-network.ts';
import type { DesiredInterface, DesiredNetwork } from '../../../src/model/desired-network.ts';
import { isReachable } from '../../../src/twin/host-tools/reachable.ts';
import type { World } from '../../../src/twin/index.ts';
import { INSTALLED, networkedWorld } from '../../twin/host-tools/networked-world.ts';
import { said, setUp, type HostRun } from './on-host-twin.ts';

const position = { file: 'phoenix_hypervisor_config.json', line: 1, column: 1 };
const FILE = '/etc/network/interfaces';

const bridge = (parts: Partial<Extract<DesiredInterface, { kind: 'bridge' }>> = {}): DesiredInterface => ({
  kind: 'bridge',
  name: 'vmbr0',
  position,
  ...parts,
});

function setup(
  world: World,
  network: Partial<DesiredNetwork>,
  { allow = ['interrupts-network'], faults }: Pick<HostRun, 'allow' | 'faults'> = {},
) {
  return setUp(world, {
    desired: { network: { interfaces: [], confirmWithinSeconds: 60, position, ...network } },
    steps: [configureNetwork],
    allow,
    ...(faults && { faults }),
  });
}

describe('configure_network', () => {
  test('asks for nothing where the host is as the folder says', async () => {
    const world = networkedWorld();
    const result = await setup(world, {
      interfaces: [bridge({ address: '10.0.0.13/24', gateway: '10.0.0.1', ports: ['eno1'] })],
      nameservers: ['10.0.0.1'],
    });
    expect([result?.exitCode, result?.targets[0]?.result, said(result)]).toEqual([0, 'unchanged', []]);
    expect(world.files[FILE]?.text).toBe(INSTALLED);
  });

  test('D-12: keeps the ports of a bridge, restarts no network and rewrites nothing that is right', async () => {
    const world = networkedWorld();
    const result = await setup(world, {
      interfaces: [bridge({ address: '10.0.0.14/24', gateway: '10.0.0.1' })],
      nameservers: ['8.8.8.8'],
    });
    expect([result?.exitCode, said(result)]).toEqual([0, []]);
    expect(world.network?.loaded).toBe(INSTALLED.replace('10.0.0.13/24', '10.0.0.14/24'));
    expect(world.files['/etc/resolv.conf']?.text).toBe('nameserver 8.8.8.8\n');
    const argvs = result?.targets[0]?.operations.flatMap((one) => (one.op === 'exec' ? [one.argv?.[0]] : []));
    expect(new Set(argvs)).toEqual(new Set(['/var/lib/phoenix/dead-man/switch']));
    expect(isReachable(world)).toBe(true);
  });

  test('without consent nothing of the interfaces changes, and the name servers do', async () => {
    const world = networkedWorld();
    const result = await setup(
      world,
      {
        interfaces: [bridge({ address: '10.0.0.14/24' }), bridge({ name: 'vmbr1', ports: [] })],
        nameservers: ['9.9.9.9'],
      },
      { allow: [] },
    );
    expect([result?.exitCode, world.files[FILE]?.text]).toEqual([3, INSTALLED]);
    expect(result?.targets[0]?.left.map(({ attribute, effect }) => [attribute, effect])).toEqual([
      ['vmbr0 address', 'interrupts-network'],
      ['interface vmbr1', 'interrupts-network'],
    ]);
    expect(world.files['/etc/pve/priv/phoenix/host.json']).toBeUndefined();
    expect(world.files['/etc/resolv.conf']?.text).toBe('nameserver 9.9.9.9\n');
  });

  test('a wrong gateway is taken back, said, and taken back again by a plain re-run', async () => {
    const world = networkedWorld();
    const wrong = { interfaces: [bridge({ address: '10.0.0.13/24', gateway: '10.0.0.77' })] };
    const first = await setup(world, wrong);
    expect([first?.exitCode, isReachable(world), world.files[FILE]?.text]).toEqual([1, true, INSTALLED]);
    const again = await setup(world, wrong);
    expect([again?.exitCode, isReachable(world)]).toEqual([1, true]);
    expect(said(again)).toContain('hypervisor/change-was-taken-back');
    const right = await setup(world, {
      interfaces: [bridge({ gateway: '10.0.0.1', address: '10.0.0.13/24' })],
    });
    expect([right?.exitCode, right?.targets[0]?.result]).toEqual([0, 'unchanged']);
  });

  test('makes bonds, VLANs and VLAN-aware bridges, and removes only what it made', async () => {
    const world = networkedWorld();
    const bond: DesiredInterface = {
      kind: 'bond',
      name: 'bond0',
      members: ['eno1', 'eno2'],
      mode: 'active-backup',
      primary: 'eno1',
      position,
    };
    const guests = bridge({ name: 'vmbr1', ports: [], isVlanAware: true });
    const vlan: DesiredInterface = {
      kind: 'vlan',
      name: 'vmbr0.5',
      device: 'vmbr0',
      tag: 5,
      address: '10.5.0.1/24',
      position,
    };
    const host = bridge({ ports: ['bond0'], address: '10.0.0.13/24', gateway: '10.0.0.1' });
    const made = await setup(world, { interfaces: [host, bond, guests, vlan] });
    expect([made?.exitCode, said(made), isReachable(world)]).toEqual([0, [], true]);
    expect(world.network?.loaded).toBe(
      `${INSTALLED.replace('bridge-ports eno1', 'bridge-ports bond0')}
auto bond0
iface bond0 inet manual
	bond-slaves eno1 eno2
	bond-mode active-backup
	bond-primary eno1
	bond-miimon 100

auto vmbr1
iface vmbr1 inet manual
	bridge-ports none
	bridge-vlan-aware yes
	bridge-stp off
	bridge-fd 0
	bridge-vids 2-4094

auto vmbr0.5
iface vmbr0.5 inet static
	address 10.5.0.1/24
`,
    );
    const less = await setup(world, { interfaces: [host, bond] });
    expect([less?.exitCode, isReachable(world)]).toEqual([0, true]);
    expect(world.network?.loaded).not.toContain('vmbr1');
    expect(world.network?.loaded).toContain('iface eno2 inet manual');
  });

  test('moves an address from a card to the bridge over it', async () => {
    const plain = 'auto eno1\niface eno1 inet static\n\taddress 10.0.0.13/24\n\tgateway 10.0.0.1\n# mine\n';
    const world = networkedWorld({ interfaces: plain });
    const result = await setup(world, {
      interfaces: [bridge({ ports: ['eno1'], address: '10.0.0.13/24', gateway: '10.0.0.1' })],
    });
    expect([result?.exitCode, said(result), isReachable(world)]).toEqual([0, [], true]);
    expect(world.network?.loaded).toContain('iface eno1 inet manual\n# mine\n');
  });

  test.each<[string, Partial<DesiredNetwork>, string, string?]>([
    ['an interface that is not there', { interfaces: [bridge({ ports: ['eth9'] })] }, 'unknown-interface'],
    [
      'a new bridge that leads nowhere',
      { interfaces: [bridge({ name: 'vmbr7', address: '10.0.0.13/24', gateway: '10.0.0.1' })] },
      'bridge-without-ports',
    ],
    [
      'a second gateway',
      {
        interfaces: [bridge({ name: 'vmbr7', ports: ['eno2'], address: '10.7.0.1/24', gateway: '10.7.0.2' })],
      },
      'two-gateways',
    ],
    ['name servers of others', { nameservers: ['1.1.1.1'] }, 'resolver-of-others', '# systemd-resolved\n'],
  ])('refuses %s and changes nothing', async (_name, network, code, resolv) => {
    const world = networkedWorld();
    if (resolv !== undefined) world.files['/etc/resolv.conf'] = { type: 'file', text: resolv };
    const result = await setup(world, network);
    expect([result?.exitCode, said(result)[0]]).toEqual([1, `!hypervisor/${code}`]);
    expect([world.files[FILE]?.text, world.network?.loaded]).toEqual([INSTALLED, INSTALLED]);
  });

  test('says that somebody prepared a change in the web interface, and that ifupdown2 is missing', async () => {
    const world = networkedWorld();
    world.files[`${FILE}.new`] = { type: 'file', text: 'other\n' };
    const network = { interfaces: [bridge({ mtu: 9000 })] };
    expect(said(await setup(world, network))).toEqual(['hypervisor/network-staged-by-others']);
    const bare = networkedWorld();
    delete bare.host.packages['ifupdown2'];
    expect(said(await setup(bare, network))).toEqual(['!hypervisor/no-ifupdown2']);
  });
});
