import type { World } from './world.ts';

/** The interfaces of a host as Proxmox's installer leaves them: a bridge over the first of two cards. */
export const INSTALLED_INTERFACES = `auto lo
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

/** Gives a world the network of a host that was just installed. */
export function addFreshNetwork(world: World, interfaces = INSTALLED_INTERFACES): void {
  world.files['/etc/network/interfaces'] = { type: 'file', text: interfaces, mode: 0o644 };
  world.files['/etc/resolv.conf'] = { type: 'file', text: 'nameserver 10.0.0.1\n', mode: 0o644 };
  world.network = { links: ['eno1', 'eno2'], loaded: interfaces, firewall: { cluster: '', host: '' } };
  world.host.links = 'eno1\neno2\nlo\nvmbr0';
  world.host.addresses = [
    '1: lo    inet 127.0.0.1/8 scope host lo',
    '4: vmbr0    inet 10.0.0.13/24 brd 10.0.0.255 scope global vmbr0',
  ].join('\n');
}
