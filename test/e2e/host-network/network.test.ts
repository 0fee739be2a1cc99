import { afterAll, beforeAll, expect, test } from 'vitest';
import { INTERFACES, openHost, until, watchers, type NetworkHost } from './open-host.ts';

const RIGHT = { name: 'vmbr0', ports: ['eno1'], address: '10.99.0.13/24', gateway: '10.99.0.1' };
const WRONG = { ...RIGHT, gateway: '10.99.0.77' };
const MORE_BRIDGES = [
  { ...RIGHT, address: '10.99.0.14/24' },
  { name: 'vmbr1', ports: ['eno2'] },
];
const MORE = { bridges: MORE_BRIDGES, nameservers: ['10.99.0.1'] };
const FILE = '/etc/network/interfaces';

let host: NetworkHost;
beforeAll(async () => {
  host = await openHost();
});
afterAll(() => host.close());

const routes = (): string => host.on('ip', '-4', 'route', 'show', 'default').stdout;
const file = (): string => host.on('cat', FILE).stdout;

test('the host is reached as it is, and setup finds nothing to do', async () => {
  expect(host.isReached()).toBe(true);
  const { code, stdout } = await host.setup({ bridges: [RIGHT] });
  expect([code, file()]).toEqual([0, INTERFACES]);
  expect(stdout).toContain('unchanged');
});

test('a wrong gateway is taken back by the host itself, and the run says so', async () => {
  const { code, stdout, stderr } = await host.setup({ bridges: [WRONG] });
  expect(code).toBe(1);
  expect(`${stdout}${stderr}`).toContain('The gateway 10.99.0.77 does not answer the node.');
  expect([file(), routes().includes('via 10.99.0.1 '), host.isReached(), host.state()]).toEqual([
    INTERFACES,
    true,
    true,
    'restored',
  ]);
  expect(watchers(host)).toEqual([]);
});

test('a wrong address is taken back when Phoenix is killed meanwhile, and a plain re-run goes on', async () => {
  const phoenix = host.start({ bridges: [{ ...RIGHT, address: '10.98.0.13/24', gateway: '10.98.0.1' }] });
  await until(() => !host.isReached(), 30);
  expect(host.on('pkill', '-KILL', '-f', 'setup network').code).toBe(0);
  phoenix.kill('SIGKILL');
  expect(host.state()).toBe('armed');
  await until(() => host.isReached(), 40);
  await until(() => host.state() === 'restored', 20);
  expect(file()).toBe(INTERFACES);
  expect((await host.setup({ bridges: [RIGHT] })).code).toBe(0);
});

test('a switch that was killed itself is settled by the next run', async () => {
  host.start({ bridges: [WRONG] });
  await until(() => routes().includes('10.99.0.77'), 30);
  expect(host.on('pkill', '-KILL', '-f', 'setup network').code).toBe(0);
  expect(host.on('pkill', '-KILL', '-f', 'dead-man/switch watch').code).toBe(0);
  const { code, stdout, stderr } = await host.setup({ bridges: [RIGHT] });
  expect([code, host.state(), file(), host.isReached()]).toEqual([0, 'restored', INTERFACES, true]);
  expect(`${stdout}${stderr}`).toContain('was never confirmed');
});

test('after a reboot in between the old file is back before the network comes up', async () => {
  host.start({ bridges: [WRONG] });
  await until(() => routes().includes('10.99.0.77'), 30);
  for (const name of ['setup network', 'dead-man/switch watch']) host.on('pkill', '-KILL', '-f', name);
  expect(host.on('/var/lib/phoenix/dead-man/switch', 'boot', 'network').code).toBe(0);
  expect([file(), host.state()]).toEqual([INTERFACES, 'restored']);
  expect(host.on('ifreload', '-a').code).toBe(0);
  expect(host.isReached()).toBe(true);
});

test('over SSH a change is kept by a fresh connection, and a wrong gateway is taken back', async () => {
  const kept = await host.setupOverSsh({ bridges: [{ ...RIGHT, mtu: 1400 }] });
  expect([kept.code, host.state(), file().includes('mtu 1400\n# somebody')], kept.stderr).toEqual([
    0,
    'kept',
    true,
  ]);
  const wrong = await host.setupOverSsh({ bridges: [{ ...WRONG, mtu: 1400 }] });
  expect([wrong.code, host.state(), host.isReached()]).toEqual([1, 'restored', true]);
  expect(routes()).toContain('via 10.99.0.1 ');
});

test('over SSH an address that nobody finds is taken back', async () => {
  const lost = await host.setupOverSsh({
    bridges: [{ ...RIGHT, address: '10.98.0.13/24', gateway: '10.98.0.1' }],
  });
  expect([lost.code === 0, host.state()]).toEqual([false, 'restored']);
  expect(host.isReached()).toBe(true);
});

test('another address and a second bridge really come about, are kept, and are found right', async () => {
  expect(host.on('ip', 'link', 'add', 'eno2', 'type', 'veth', 'peer', 'name', 'eno3').code).toBe(0);
  const { code, stdout, stderr } = await host.setup(MORE);
  expect([code, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('changed')]);
  expect(host.state()).toBe('kept');
  expect([host.isReached('10.99.0.14'), host.isReached('10.99.0.13')]).toEqual([true, false]);
  expect(host.on('readlink', '/sys/class/net/eno2/master').stdout).toMatch(/\/vmbr1$/m);
  expect(host.on('cat', '/etc/resolv.conf').stdout).toContain('nameserver 10.99.0.1\n');
  expect(file()).toContain("# somebody else's\niface eno7 inet manual\n\tmtu 1400\n");
  const again = await host.setup(MORE);
  expect([again.code, again.stdout.includes('unchanged')]).toEqual([0, true]);
  await until(() => watchers(host).length === 0, 10);
});

/* Not every kernel has all of these. Where one is missing the change can't be loaded, which must be as safe. */
test.each<[string, object, (on: NetworkHost['on']) => string, RegExp]>([
  [
    'a VLAN',
    { vlans: [{ device: 'vmbr0', tag: 5, address: '10.5.0.1/24' }] },
    (on) => on('sh', '-c', 'ip -d link show vmbr0.5; ip -o address show vmbr0.5').stdout,
    /802\.1Q id 5 [\s\S]*10\.5\.0\.1\/24/,
  ],
  [
    'a VLAN-aware bridge',
    { bridges: [...MORE_BRIDGES, { name: 'vmbr2', ports: [], vlan_aware: true }] },
    (on) => on('cat', '/sys/class/net/vmbr2/bridge/vlan_filtering').stdout,
    /^1$/m,
  ],
  [
    'a bond',
    { bonds: [{ name: 'bond0', members: ['eno3', 'eno4'], mode: 'active-backup' }] },
    (on) => on('cat', '/sys/class/net/bond0/bonding/mode').stdout,
    /^active-backup 1$/m,
  ],
])('%s comes about, or is taken back where the kernel has none', async (_name, part, look, expected) => {
  host.on('ip', 'link', 'add', 'eno4', 'type', 'veth', 'peer', 'name', 'eno5');
  const before = file();
  const { code, stdout, stderr } = await host.setup({ ...MORE, ...part });
  expect(host.isReached('10.99.0.14')).toBe(true);
  if (/not supported|bonding_masters/.test(`${stdout}${stderr}`.replaceAll(/\s+/g, ' '))) {
    expect([code, file(), host.state()]).toEqual([1, before, 'restored']);
  } else {
    expect([code, host.state()]).toEqual([0, 'kept']);
    expect(look(host.on)).toMatch(expected);
    expect((await host.setup({ ...MORE, ...part })).stdout).toContain('unchanged');
    expect((await host.setup(MORE)).code).toBe(0);
  }
});
