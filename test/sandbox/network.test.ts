import { describe, expect, test } from 'vitest';
import { dhcpRange } from '../../src/sandbox/dhcp.ts';
import { hostsFile, interfacesFile, networkUnit, resolvFile } from '../../src/sandbox/host/network-files.ts';

const nic = (fields: Readonly<Record<string, string>>, index = 0) => ({
  index,
  hostName: `veth101i${index}`,
  fields: { name: `eth${index}`, bridge: 'vmbr0', ...fields },
});

describe('/etc/network/interfaces', () => {
  test.each<[string, Parameters<typeof interfacesFile>[0], string]>([
    ['no NIC', [], 'auto lo\niface lo inet loopback\n\n'],
    [
      'a static address',
      [nic({ ip: '10.0.0.5/24', gw: '10.0.0.1' })],
      'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 10.0.0.5/24\n\tgateway 10.0.0.1\n\n',
    ],
    [
      'DHCP and an IPv6 address',
      [nic({ ip: 'dhcp', ip6: 'fd00::5/64', gw6: 'fd00::1' })],
      'auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n\niface eth0 inet6 static\n\taddress fd00::5/64\n\tgateway fd00::1\n\n',
    ],
    [
      'a NIC without addresses',
      [nic({}, 1)],
      'auto lo\niface lo inet loopback\n\nauto eth1\niface eth1 inet manual\n\n',
    ],
  ])('%s', (_, nics, expected) => {
    expect(interfacesFile(nics)).toBe(expected);
  });

  test('a gateway outside the network gets a route of its own', () => {
    const text = interfacesFile([nic({ ip: '10.0.0.5/32', gw: '10.9.9.1' })]);
    expect(text).toContain('\tpost-up ip -4 route add 10.9.9.1 dev eth0\n');
    expect(text).toContain('\tpost-up ip -4 route add default via 10.9.9.1 dev eth0\n');
    expect(text).not.toContain('gateway');
  });
});

test('a unit of systemd-networkd', () => {
  expect(networkUnit(nic({ ip: '10.0.0.5/24', gw: '10.0.0.1', ip6: 'auto' }))).toBe(
    '[Match]\nName = eth0\n\n[Network]\nDescription = Interface autoconfigured by PVE\nAddress = 10.0.0.5/24\nGateway = 10.0.0.1\nDHCP = no\nIPv6AcceptRA = yes\n',
  );
});

describe('files that others write in too', () => {
  test('resolv.conf keeps what stands outside the section and is stable', () => {
    const once = resolvFile('options edns0\n', ['1.1.1.1', '9.9.9.9'], 'example.org');
    expect(once).toBe(
      'options edns0\n# --- BEGIN PVE ---\nsearch example.org\nnameserver 1.1.1.1\nnameserver 9.9.9.9\n# --- END PVE ---\n',
    );
    expect(resolvFile(once, ['1.1.1.1', '9.9.9.9'], 'example.org')).toBe(once);
  });

  test.each([
    [undefined, '10.0.0.5 web\n'],
    ['example.org', '10.0.0.5 web.example.org web\n'],
  ])('hosts with the search domain %s', (domain, line) => {
    const once = hostsFile('', 'web', domain, [nic({ ip: '10.0.0.5/24' })]);
    expect(once).toContain(`# --- BEGIN PVE ---\n${line}# --- END PVE ---\n`);
    expect(hostsFile(once, 'web', domain, [nic({ ip: '10.0.0.5/24' })])).toBe(once);
  });
});

test.each([
  ['10.0.0.1/24', ['10.0.0.192', '10.0.0.254']],
  ['192.168.200.77/20', ['192.168.204.0', '192.168.207.254']],
  ['10.0.0.1/30', undefined],
])('addresses handed out in the network of %s: %j', (cidr, expected) => {
  expect(dhcpRange(cidr)).toEqual(expected);
});
