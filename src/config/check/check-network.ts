import type { DesiredInterface } from '../../model/desired-network.ts';
import type { Findings } from '../diagnose.ts';
import type { FolderCheck } from './folder-check.ts';
import { addressNumber, canonicalIPv6, maskOf } from './ip.ts';

/** What is contradictory in the node's network, whatever the node looks like. */
export function checkNetwork({ hypervisor, findings }: FolderCheck): void {
  const { network } = hypervisor.desired;
  if (!network) return;
  const { interfaces } = network;
  const add: Add = (code, { position }, summary, detail) =>
    findings.add(code, { summary, detail, position, target: 'node' });
  checkNames(interfaces, add);
  checkUses(interfaces, add);
  checkCircles(interfaces, add);
  for (const one of interfaces) {
    checkAddress(one, add);
    checkLink(one, add);
  }
  for (const key of ['gateway', 'gateway6'] as const) {
    const [first, second] = interfaces.filter((one) => one[key] !== undefined);
    if (first && second) {
      add(
        'two-gateways',
        second,
        'The node has two gateways',
        `${first.name} has one already (${first.position.file}:${first.position.line}).`,
      );
    }
  }
}

type Add = (
  code: Parameters<Findings['add']>[0],
  one: DesiredInterface,
  summary: string,
  detail?: string,
) => void;

/** The interfaces that another one takes in. */
function membersOf(one: DesiredInterface): readonly string[] {
  if (one.kind === 'bridge') return one.ports ?? [];
  return one.kind === 'bond' ? one.members : [];
}

function checkNames(interfaces: readonly DesiredInterface[], add: Add): void {
  const seen = new Map<string, DesiredInterface>();
  for (const one of interfaces) {
    const earlier = seen.get(one.name);
    if (earlier) {
      add(
        'duplicate-interface',
        one,
        'An interface of the node is described twice',
        `${one.name} is described at ${earlier.position.file}:${earlier.position.line} already.`,
      );
    }
    seen.set(one.name, one);
  }
}

function checkUses(interfaces: readonly DesiredInterface[], add: Add): void {
  const users = new Map<string, string>();
  for (const one of interfaces) {
    for (const member of membersOf(one)) {
      const user = users.get(member);
      users.set(member, one.name);
      if (user !== undefined) {
        add(
          'interface-in-use',
          one,
          'An interface belongs to two others',
          user === one.name ? `${member} stands twice in ${user}.` : `${member} belongs to ${user} already.`,
        );
      }
      const own = interfaces.find(({ name }) => name === member);
      if (!own || !hasAddress(own)) continue;
      add(
        'interface-in-use',
        own,
        'An interface that belongs to another has an address',
        `${member} belongs to ${one.name}: the address has to be there.`,
      );
    }
  }
}

function hasAddress({ address, address6 }: DesiredInterface): boolean {
  return [address, address6].some((value) => value !== undefined && value !== 'manual');
}

function checkCircles(interfaces: readonly DesiredInterface[], add: Add): void {
  const below = new Map(
    interfaces.map((one) => [one.name, one.kind === 'vlan' ? [one.device] : membersOf(one)] as const),
  );
  const reaches = (from: string, to: string, seen: ReadonlySet<string>): boolean =>
    (below.get(from) ?? []).some(
      (next) => next === to || (!seen.has(next) && reaches(next, to, new Set([...seen, next]))),
    );
  const circle = interfaces.find(({ name }) => reaches(name, name, new Set()));
  if (circle) add('interface-circle', circle, 'Interfaces of the node rest on each other in a circle');
}

function checkLink(one: DesiredInterface, add: Add): void {
  if (one.kind === 'bond') {
    if (one.members.length < 2) {
      add('small-bond', one, 'A bond has fewer than two members', 'It joins nothing.');
    }
    if (one.primary !== undefined && !one.members.includes(one.primary)) {
      add('unknown-member', one, "A bond's primary is none of its members", `${one.primary} is none.`);
    }
    if (one.primary !== undefined && one.mode !== 'active-backup') {
      add('unused-bond-key', one, 'Only an active-backup bond has a primary');
    }
  }
  if (one.kind === 'bridge' && one.vlanIds !== undefined && one.isVlanAware !== true) {
    add('vlans-without-awareness', one, 'A bridge has VLANs and is not VLAN-aware');
  }
}

function checkAddress(one: DesiredInterface, add: Add): void {
  const { address, gateway, address6, gateway6 } = one;
  if (address6?.includes('/') && canonicalIPv6(address6.split('/')[0] ?? '') === undefined) {
    add('bad-format', one, 'An IPv6 address of the node is none', address6);
  }
  const unused = [
    [gateway, address],
    [gateway6, address6],
  ].find(([way, own]) => way !== undefined && !own?.includes('/'));
  if (unused) add('gateway-unused', one, 'A gateway without a static address has no effect', unused[0]);
  if (!address?.includes('/')) return;
  const [text = '', prefix = '32'] = address.split('/');
  const [number, mask] = [addressNumber(text), maskOf(Number(prefix))];
  const host = (number & ~mask) >>> 0;
  if (Number(prefix) < 31 && (host === 0 || host === ~mask >>> 0)) {
    add('address-not-a-host', one, "An address of the node is its subnet's own or its broadcast address");
  }
  if (gateway === undefined) return;
  if (gateway === text) add('gateway-is-address', one, "A gateway is the node's own address");
  else if (((addressNumber(gateway) ^ number) & mask) !== 0) {
    add(
      'gateway-outside-subnet',
      one,
      'A gateway is not in the subnet of its address',
      `${gateway} is not in ${address}.`,
    );
  }
}
