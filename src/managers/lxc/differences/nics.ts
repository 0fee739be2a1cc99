import type { DesiredNic } from '../../../model/desired.ts';
import type { Scalar } from '../../../model/value.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { isSameProperty, parseProperties, type Properties } from '../../../pve/property-string.ts';
import { recordOf } from '../../guest/input.ts';
import type { PresentInput } from '../input.ts';
import { joinProperties } from '../../guest/join-properties.ts';
import { declaredParts, newNic } from '../wanted/nics.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import { findEntry, freeIndex } from '../../guest/entries.ts';

/**
 * NICs that differ, found by the interface's name in the container. What the folder says is laid
 * over what is there, so that an address or a flag it doesn't mention is never lost: `netN` is
 * replaced whole (PVE::LXC::Config), and without `hwaddr` Proxmox invents a new one.
 */
export function nicDifferences(input: PresentInput): readonly Difference[] {
  const { desired, guest, folder } = input;
  const taken = new Set<number>();
  const renamed = renamedNic(input);
  const changed = desired.nics.flatMap((nic) =>
    changedNic(input, nic, { taken, renamedKey: renamed?.to === nic.name ? renamed.key : undefined }),
  );
  const names = new Set(desired.nics.map(({ name }) => name));
  const removed = recordOf(guest, folder.folderId)
    .nics.filter((name) => !names.has(name) && name !== renamed?.from)
    .flatMap((name) => removedNic(input, name));
  return [...changed, ...removed];
}

/**
 * Where one NIC of ours is not wanted any more and one that is wanted is not there, it is the same
 * one under another name: it keeps its place and its address.
 */
function renamedNic({
  guest,
  desired,
  folder,
}: PresentInput): { readonly from: string; readonly to: string; readonly key: string } | undefined {
  const later = effectiveKeys(guest.config);
  const isThere = (name: string): boolean =>
    (findNic(later, name) ?? findNic(guest.config.head.keys, name)) !== undefined;
  const wanted = desired.nics.map(({ name }) => name);
  const [to, ...more] = wanted.filter((name) => !isThere(name));
  const [from, ...others] = recordOf(guest, folder.folderId).nics.filter(
    (name) => !wanted.includes(name) && findNic(later, name) !== undefined,
  );
  if (to === undefined || from === undefined || more.length > 0 || others.length > 0) return undefined;
  const key = findNic(later, from);
  return key === undefined ? undefined : { from, to, key };
}

type Slot = { readonly taken: Set<number>; readonly renamedKey: string | undefined };

function changedNic(
  input: PresentInput,
  nic: DesiredNic,
  { taken, renamedKey }: Slot,
): readonly Difference[] {
  const { guest, desired, folder } = input;
  const { config } = guest;
  const attribute = `nic ${nic.name}`;
  const declared = declaredParts(nic, desired);
  const key = findNic(effectiveKeys(config), nic.name) ?? findNic(config.head.keys, nic.name) ?? renamedKey;
  if (key === undefined) {
    const index = freeIndex(config, 'net', taken);
    const value = newNic(nic, desired, { folder, node: guest.node, index });
    const said = { attribute, before: undefined, after: value, effect: 'live' as const };
    return [difference(input, said, { kind: 'set', key: `net${index}`, value })];
  }
  const [nowText, nextText] = [config.head.keys.get(key), effectiveKeys(config).get(key)];
  if (nextText !== undefined && isSatisfied(parseProperties(nextText), declared)) return [];
  if (nowText !== undefined && isSatisfied(parseProperties(nowText), declared)) {
    const said = { attribute, before: `${nextText ?? 'removed'} at the next start`, after: nowText };
    return [difference(input, { ...said, effect: 'live' }, { kind: 'revert', key })];
  }
  const current = parseProperties(nextText ?? nowText ?? '');
  const said = {
    attribute,
    before: printParts(current, new Set(declared.keys())),
    after: printParts(declared, new Set(declared.keys())),
    effect: guest.running ? ('interrupts-network' as const) : ('live' as const),
  };
  return [
    difference(input, said, { kind: 'set', key, value: joinProperties(merge(current, declared, key)) }),
  ];
}

function removedNic(input: PresentInput, name: string): readonly Difference[] {
  const { guest } = input;
  const key = findNic(effectiveKeys(guest.config), name);
  if (key === undefined) return [];
  const said = {
    attribute: `nic ${name}`,
    before: guest.config.head.keys.get(key),
    after: undefined,
    effect: guest.running ? ('interrupts-network' as const) : ('live' as const),
  };
  return [difference(input, said, { kind: 'delete', key })];
}

function findNic(keys: ReadonlyMap<string, string>, name: string): string | undefined {
  return findEntry(keys, 'net', (text) => parseProperties(text).get('name') === name);
}

function isSatisfied(current: Properties, declared: Properties): boolean {
  if (staleGateways(current, declared).length > 0) return false;
  return [...declared].every(
    ([part, value]) =>
      isSameProperty(part, current.get(part), value) ||
      (part === 'firewall' && value === '0' && !current.has(part)),
  );
}

/** Gateways that stand beside an address that can't have one any more. */
function staleGateways(current: Properties, declared: Properties): readonly string[] {
  return (
    [
      ['ip', 'gw'],
      ['ip6', 'gw6'],
    ] as const
  )
    .filter(([ip, gateway]) => {
      const isDynamic = /^(dhcp|manual|auto)$/.test(declared.get(ip) ?? '');
      return isDynamic && current.has(gateway) && !declared.has(gateway);
    })
    .map(([, gateway]) => gateway);
}

function merge(current: Properties, declared: Properties, key: string): ReadonlyMap<string, Scalar> {
  const merged = new Map<string, Scalar>(current);
  if (current.has('hwaddr')) merged.set('hwaddr', { fill: 'mac', of: key });
  for (const [part, value] of declared) merged.set(part, value);
  for (const part of staleGateways(current, declared)) merged.delete(part);
  return merged;
}

function printParts(properties: Properties, only: ReadonlySet<string>): string {
  return [...properties]
    .filter(([part]) => only.has(part))
    .map(([part, value]) => `${part}=${value}`)
    .toSorted()
    .join(',');
}
