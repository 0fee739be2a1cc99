import type { DesiredInterface } from '../../../model/desired-network.ts';
import type { Family, WantedFamily, WantedInterface } from '../../../pve/host/edit-interfaces.ts';

/** What the folder wants of each interface's stanzas, those first that others rest on. */
export function wantedInterfaces(interfaces: readonly DesiredInterface[]): readonly WantedInterface[] {
  const declared = new Set(interfaces.map(({ name }) => name));
  const members = interfaces.flatMap(membersOf).filter((name) => !declared.has(name));
  return [...new Set(members)]
    .map(asMember)
    .concat(interfaces.toSorted(byDepth).map((one) => wantedOf(one, interfaces)));
}

/** The interfaces that another one takes in. */
export function membersOf(one: DesiredInterface): readonly string[] {
  if (one.kind === 'bridge') return one.ports ?? [];
  return one.kind === 'bond' ? one.members : [];
}

function byDepth(a: DesiredInterface, b: DesiredInterface): number {
  return DEPTH.indexOf(a.kind) - DEPTH.indexOf(b.kind);
}

const DEPTH = ['plain', 'bond', 'bridge', 'vlan'];

/** A port or a member has no address of its own: that is its bridge's or its bond's. */
function asMember(name: string): WantedInterface {
  const none = new Map([...ADDRESS_OPTIONS].map((option) => [option, null] as const));
  return {
    name,
    isAuto: false,
    link: new Map(),
    linkWhenNew: new Map(),
    families: { inet: { method: 'manual', options: none }, inet6: { method: 'manual', options: none } },
  };
}

const ADDRESS_OPTIONS = ['netmask', 'address', 'gateway'];

/* Where the folder says which interface has the gateway, none of its others keeps one. */
function wantedOf(one: DesiredInterface, all: readonly DesiredInterface[]): WantedInterface {
  const { name, mtu } = one;
  const hasWay = (key: 'gateway' | 'gateway6'): boolean => all.some((other) => other[key] !== undefined);
  const inet = familyOf(one.address, one.gateway ?? (hasWay('gateway') ? null : undefined));
  const inet6 = familyOf(one.address6, one.gateway6 ?? (hasWay('gateway6') ? null : undefined));
  const families: Partial<Record<Family, WantedFamily>> = { ...(inet && { inet }), ...(inet6 && { inet6 }) };
  const { link, whenNew = {} } = linkOf(one);
  return {
    name,
    isAuto: true,
    link: new Map(Object.entries({ ...link, ...(mtu !== undefined && { mtu: String(mtu) }) })),
    linkWhenNew: new Map(Object.entries(whenNew)),
    families,
  };
}

function familyOf(address: string | undefined, gateway: string | null | undefined): WantedFamily | undefined {
  if (address === undefined) return undefined;
  if (!address.includes('/')) {
    return { method: address, options: new Map(ADDRESS_OPTIONS.map((option) => [option, null])) };
  }
  const options = new Map<string, string | null>([
    ['netmask', null],
    ['address', address],
  ]);
  if (gateway !== undefined) options.set('gateway', gateway);
  return { method: 'static', options };
}

type Link = {
  readonly link: Readonly<Record<string, string | null>>;
  readonly whenNew?: Readonly<Record<string, string>>;
};

function linkOf(one: DesiredInterface): Link {
  switch (one.kind) {
    case 'bridge': {
      const { ports, isVlanAware, vlanIds } = one;
      return {
        link: {
          ...(ports && { 'bridge-ports': ports.length === 0 ? 'none' : ports.join(' ') }),
          ...(isVlanAware !== undefined && { 'bridge-vlan-aware': isVlanAware ? 'yes' : null }),
          ...(vlanIds !== undefined && { 'bridge-vids': vlanIds }),
          ...(isVlanAware === false && { 'bridge-vids': null }),
        },
        whenNew: {
          'bridge-stp': 'off',
          'bridge-fd': '0',
          ...(isVlanAware === true && vlanIds === undefined && { 'bridge-vids': '2-4094' }),
        },
      };
    }
    case 'bond': {
      const { members, mode, primary, hashPolicy } = one;
      return {
        link: {
          'bond-slaves': members.join(' '),
          'bond-mode': mode,
          ...(primary !== undefined && { 'bond-primary': primary }),
          ...(hashPolicy !== undefined && { 'bond-xmit-hash-policy': hashPolicy }),
        },
        whenNew: { 'bond-miimon': '100' },
      };
    }
    case 'vlan':
      // A name like eno1.5 says both.
      return one.name === `${one.device}.${one.tag}`
        ? { link: {} }
        : { link: { 'vlan-raw-device': one.device, 'vlan-id': String(one.tag) } };
    case 'plain':
      return { link: {} };
  }
}
