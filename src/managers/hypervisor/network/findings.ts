import type { DesiredInterface, DesiredNetwork } from '../../../model/desired-network.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import { parseInterfaces, stanzasOf, type InterfacesFile } from '../../../pve/host/interfaces-file.ts';
import { finding } from '../operations.ts';
import type { HostInput } from '../part.ts';
import { membersOf } from './wanted-interfaces.ts';

/** What speaks against the network that the folder wants, on this host. Each error keeps all of it from being made. */
export function networkFindings(
  input: HostInput,
  { interfaces }: DesiredNetwork,
  files: { readonly before: InterfacesFile; readonly after: InterfacesFile },
): readonly Diagnostic[] {
  const known = new Set([
    ...(input.observed.node.host?.network?.links ?? []),
    ...stanzasOf(files.before).map(({ name }) => name),
    ...interfaces.map(({ name }) => name),
  ]);
  return [
    ...interfaces.flatMap((one) => unknownLinks(one, known)),
    ...interfaces.flatMap((one) => bridgeWithoutPorts(one, files.before)),
    ...twoGateways(files.after),
    ...definedElsewhere(input, interfaces, files.before),
  ];
}

function unknownLinks(one: DesiredInterface, known: ReadonlySet<string>): readonly Diagnostic[] {
  const below = one.kind === 'vlan' ? [one.device] : one.kind === 'plain' ? [one.name] : membersOf(one);
  const missing = below.filter((name) => !known.has(name));
  if (missing.length === 0) return [];
  return [
    {
      ...finding('error', 'unknown-interface', {
        summary: 'An interface rests on one that this host does not have',
        detail: `${one.name} needs ${missing.join(', ')}; the host has ${[...known].filter((name) => name !== 'lo').join(', ')}.`,
        remedy: 'Correct the name. `ip link` on the host lists them.',
      }),
      position: one.position,
    },
  ];
}

/** The ports of a bridge that is there stay as they are; one that is made anew without any leads nowhere. */
function bridgeWithoutPorts(one: DesiredInterface, before: InterfacesFile): readonly Diagnostic[] {
  if (one.kind !== 'bridge' || one.ports !== undefined || one.gateway === undefined) return [];
  if (stanzasOf(before).some(({ name }) => name === one.name)) return [];
  return [
    {
      ...finding('error', 'bridge-without-ports', {
        summary: 'A new bridge has a gateway and no port that leads to it',
        detail: `${one.name} is not on this host yet, and the folder does not say which interface belongs to it: the host could not be reached any more.`,
        remedy: `Name its port:\n    "network": { "bridges": [{ "name": "${one.name}", "ports": ["eno1"], … }] }`,
      }),
      position: one.position,
    },
  ];
}

function twoGateways(after: InterfacesFile): readonly Diagnostic[] {
  for (const family of ['inet', 'inet6']) {
    const owners = stanzasOf(after).filter(
      (stanza) => stanza.family === family && stanza.options.some(({ name }) => name === 'gateway'),
    );
    const names = [...new Set(owners.map(({ name }) => name))];
    if (names.length < 2) continue;
    return [
      finding('error', 'two-gateways', {
        summary: 'The host would have two gateways',
        detail: `${names.join(' and ')} would each have one; which one is used is left to chance.`,
        remedy:
          'Say in the folder which interface has none, by giving it `"address"` without `"gateway"`, or take the line out of /etc/network/interfaces.',
      }),
    ];
  }
  return [];
}

/** Two files that describe one interface contradict each other sooner or later. */
function definedElsewhere(
  { observed }: HostInput,
  interfaces: readonly DesiredInterface[],
  before: InterfacesFile,
): readonly Diagnostic[] {
  const own = new Set(stanzasOf(before).map(({ name }) => name));
  return [...(observed.node.files ?? [])].flatMap(([path, text]) => {
    if (!path.startsWith('/etc/network/interfaces.d/')) return [];
    const there = new Set(stanzasOf(parseInterfaces(text)).map(({ name }) => name));
    const clash = interfaces.find(({ name }) => there.has(name) && !own.has(name));
    if (!clash) return [];
    return [
      {
        ...finding('error', 'interface-elsewhere', {
          summary: 'An interface is described in another file of the host',
          detail: `${clash.name} stands in ${path}, which Phoenix does not change.`,
          remedy: 'Move it into /etc/network/interfaces, or take it out of the folder.',
        }),
        position: clash.position,
      },
    ];
  });
}
