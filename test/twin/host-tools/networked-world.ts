import { freshWorld, type World } from '../../../src/twin/world.ts';

/** The interfaces of a host as Proxmox's installer leaves them. */
export const INSTALLED = `auto lo
iface lo inet loopback

iface eno1 inet manual

iface eno2 inet manual

auto vmbr0
iface vmbr0 inet static
	address 10.0.0.13/24
	gateway 10.0.0.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0

source /etc/network/interfaces.d/*
`;

/** A host on a cable: 10.0.0.13 behind eno1, looked after from elsewhere. */
export function networkedWorld({
  interfaces = INSTALLED,
  client = '203.0.113.9',
  cluster,
  host,
}: {
  interfaces?: string;
  client?: string;
  cluster?: string;
  host?: string;
} = {}): World {
  const world = freshWorld();
  world.files['/etc/network/interfaces'] = { type: 'file', text: interfaces, mode: 0o644 };
  world.files['/etc/resolv.conf'] = { type: 'file', text: 'nameserver 10.0.0.1\n', mode: 0o644 };
  if (cluster !== undefined) world.files['/etc/pve/firewall/cluster.fw'] = { type: 'file', text: cluster };
  if (host !== undefined)
    world.files[`/etc/pve/nodes/${world.nodeName}/host.fw`] = { type: 'file', text: host };
  world.network = {
    links: ['eno1', 'eno2'],
    loaded: interfaces,
    firewall: { cluster: cluster ?? '', host: host ?? '' },
    outside: { link: 'eno1', gateway: '10.0.0.1', network: '10.0.0.0/24', client, lease: '10.0.0.99' },
  };
  world.host.packages['ifupdown2'] = '3.2.0-1+pmx9';
  world.host.links = 'eno1\neno2\nlo\nvmbr0';
  world.host.sessions = `0 0 10.0.0.13:22 ${client}:51234`;
  world.host.addresses =
    '1: lo    inet 127.0.0.1/8 scope host lo\n4: vmbr0    inet 10.0.0.13/24 brd 10.0.0.255 scope global vmbr0';
  return world;
}
