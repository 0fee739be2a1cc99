import type { World } from '../world.ts';
import { isAdmitted } from './admitted.ts';
import { isInside } from './in-network.ts';
import { loadInterfaces, type LoadedInterface } from './loaded-interfaces.ts';
import type { WorldNetwork, WorldOutside } from './world-network.ts';

/** Does the host answer a new connection to its SSH port from where people reach it, under some address? */
export function isReachable(world: World): boolean {
  return addressesInReach(world).length > 0;
}

/** The addresses under which the host answers a new connection from outside, its firewall included. */
export function addressesInReach({ network }: World): readonly string[] {
  if (!network?.outside) return ['unseen'];
  const { outside } = network;
  return addressesOnCable(network, outside).filter((address) =>
    isAdmitted(network.firewall, { source: outside.client, address, network: outside.network, port: 22 }),
  );
}

/** Does this address answer the host as its gateway? */
export function answersAsGateway({ network }: World, gateway: string): boolean {
  if (!network?.outside) return true;
  return (
    gateway === network.outside.gateway &&
    onCable(network, network.outside).some((one) => addressesOf(one, network.outside).length > 0)
  );
}

/* Who is not in the network itself reaches the host only with the true gateway. */
function addressesOnCable(network: WorldNetwork, outside: WorldOutside): readonly string[] {
  const up = onCable(network, outside);
  const isNear = isInside(outside.client, outside.network);
  const hasWay = up.some(({ gateway, method }) => gateway === outside.gateway || method === 'dhcp');
  if (!isNear && !hasWay) return [];
  return up.flatMap((one) => addressesOf(one, outside));
}

function onCable({ loaded, links }: WorldNetwork, outside: WorldOutside): readonly LoadedInterface[] {
  const all = loadInterfaces(loaded) ?? new Map<string, LoadedInterface>();
  const taken = new Set([...all.values()].flatMap(({ below }) => below));
  const leads = (name: string, depth = 0): boolean => {
    if (depth > 8) return false;
    if (name === outside.link) return links.includes(name);
    return (all.get(name)?.below ?? []).some((below) => leads(below, depth + 1));
  };
  return [...all.values()].filter((one) => one.isAuto && !taken.has(one.name) && leads(one.name));
}

/* An address of another network, or one that somebody else has, is of no use on this cable. */
function addressesOf(one: LoadedInterface, outside: WorldOutside | undefined): readonly string[] {
  if (!outside) return [];
  if (one.method === 'dhcp') return [outside.lease];
  if (one.method !== 'static') return [];
  return one.addresses
    .filter((address) => sameNetwork(address, outside.network))
    .map((address) => address.split('/')[0] ?? '')
    .filter((address) => address !== outside.gateway && address !== outside.client);
}

function sameNetwork(address: string, network: string): boolean {
  return address.split('/')[1] === network.split('/')[1] && isInside(address.split('/')[0] ?? '', network);
}
