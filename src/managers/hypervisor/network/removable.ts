import type { DesiredNetwork } from '../../../model/desired-network.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import { parseInterfaces, stanzasOf } from '../../../pve/host/interfaces-file.ts';
import { finding } from '../operations.ts';
import { recordOf, type HostInput } from '../part.ts';

/** Interfaces that Phoenix made, that the folder no longer has, and that nothing rests on. */
export function removableInterfaces(
  input: HostInput,
  network: DesiredNetwork,
  text: string,
): { readonly names: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const wanted = new Set(network.interfaces.map(({ name }) => name));
  const present = new Set(stanzasOf(parseInterfaces(text)).map(({ name }) => name));
  const dropped = recordOf(input).interfaces.filter((name) => !wanted.has(name) && present.has(name));
  const used = dropped.flatMap((name) => {
    const guests = guestsOn(input, name);
    return guests.length === 0 ? [] : [{ name, guests }];
  });
  return {
    names: dropped.filter((name) => !used.some((one) => one.name === name)),
    diagnostics: used.map(({ name, guests }) =>
      finding('warning', 'bridge-in-use', {
        summary: 'A bridge that the folder no longer has stays, since guests use it',
        detail: `${name} is used by ${guests.join(', ')}.`,
        remedy: 'Move the guests to another bridge, then run the same command again.',
      }),
    ),
  };
}

function guestsOn({ observed }: HostInput, bridge: string): readonly number[] {
  return [...observed.node.guests.values()]
    .filter(({ config }) =>
      [...config.head.keys].some(
        ([key, value]) => /^net\d+$/.test(key) && value.split(',').includes(`bridge=${bridge}`),
      ),
    )
    .map(({ vmid }) => vmid);
}
