import type { Diagnostic } from '../../model/diagnostic.ts';
import type { GuestInput } from './input.ts';
import { wordsOf } from './words.ts';

/**
 * What of a guest's wishes the node can't fulfil, whatever the kind: storages that are missing or take
 * no disks of such guests (`content` is what they must take), bridges that are missing.
 */
export function nodeDiagnostics(
  input: GuestInput,
  wanted: {
    readonly storages: readonly string[];
    readonly content: 'rootdir' | 'images';
    readonly bridges: readonly (string | undefined)[];
    /** Key of the configuration that names a bridge. */
    readonly bridgeKey: string;
  },
): readonly Diagnostic[] {
  return [
    ...[...new Set(wanted.storages)].flatMap((id) => storageDiagnostics(input, id, wanted.content)),
    ...[...new Set(wanted.bridges)].flatMap((bridge) => bridgeDiagnostics(input, bridge, wanted.bridgeKey)),
  ];
}

function storageDiagnostics(
  input: GuestInput,
  id: string,
  content: 'rootdir' | 'images',
): readonly Diagnostic[] {
  const { kind, vmid, position } = input.desired;
  const common = { severity: 'error', position, target: vmid } as const;
  const storage = input.observed.node.storages.get(id);
  if (!storage) {
    return [
      {
        ...common,
        code: `${kind}/storage-missing`,
        summary: `the node has no storage ${id}`,
        remedy: 'Name one of `pvesm status`, or define it.',
      },
    ];
  }
  if (storage.content.includes(content)) return [];
  return [
    {
      ...common,
      code: `${kind}/storage-without-${content}`,
      summary: `storage ${id} does not take ${wordsOf(kind).noun}s' disks`,
      detail: `Its content is ${storage.content.join(',') || 'empty'}.`,
      remedy: `pvesm set ${id} --content ${[...storage.content, content].join(',')}`,
    },
  ];
}

function bridgeDiagnostics(
  input: GuestInput,
  bridge: string | undefined,
  key: string,
): readonly Diagnostic[] {
  const { kind, vmid, position } = input.desired;
  if (bridge === undefined || input.observed.node.bridges.includes(bridge)) return [];
  return [
    {
      code: `${kind}/bridge-missing`,
      severity: 'warning',
      summary: `the node has no bridge ${bridge}`,
      detail: `The ${wordsOf(kind).noun} can be made, but it will not start.`,
      remedy: `Define the bridge on the node, or correct ${key}.`,
      position,
      target: vmid,
    },
  ];
}
