import { addFreshNetwork, INSTALLED_INTERFACES } from '../../../src/twin/fresh-network.ts';
import { freshWorld, type World } from '../../../src/twin/world.ts';

export const INSTALLED = INSTALLED_INTERFACES;

/** A host on a cable: 10.0.0.13 behind eno1, looked after from elsewhere. */
export function networkedWorld({
  interfaces = INSTALLED,
  client = '203.0.113.9',
  cluster,
  host,
}: { interfaces?: string; client?: string; cluster?: string; host?: string } = {}): World {
  const world = freshWorld();
  addFreshNetwork(world, interfaces);
  if (cluster !== undefined) world.files['/etc/pve/firewall/cluster.fw'] = { type: 'file', text: cluster };
  if (host !== undefined) {
    world.files[`/etc/pve/nodes/${world.nodeName}/host.fw`] = { type: 'file', text: host };
  }
  if (world.network) {
    world.network.firewall = { cluster: cluster ?? '', host: host ?? '' };
    world.network.outside = {
      link: 'eno1',
      gateway: '10.0.0.1',
      network: '10.0.0.0/24',
      client,
      lease: '10.0.0.99',
    };
  }
  world.host.sessions = `0 0 10.0.0.13:22 ${client}:51234`;
  return world;
}
