import { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree, type JSONPath } from 'jsonc-parser';
import type { GuestId, GuestKind } from '../../model/target.ts';

/** One key of a guest's entry, or a part of one, that becomes another value; undefined: it goes. */
export type KeyEdit = { readonly path: readonly (string | number)[]; readonly value: unknown };

/** A guest's entry as it stands in a JSON file of guests; undefined where it does not stand there. */
export function guestEntry(
  text: string,
  kind: GuestKind,
  vmid: GuestId,
): Record<string, unknown> | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const path = root && entryPath(text, kind, vmid);
  const node = root && path && findNodeAtLocation(root, [...path]);
  return node?.type === 'object' ? (getNodeValue(node) as Record<string, unknown>) : undefined;
}

/**
 * The text with keys of a guest's entry changed: every comment, the order of what stays, and all other
 * text as they are. A key that is new comes last.
 */
export function editGuest(
  text: string,
  { kind, vmid }: { readonly kind: GuestKind; readonly vmid: GuestId },
  edits: readonly KeyEdit[],
): string {
  const options = { formattingOptions: { insertSpaces: true, tabSize: 2, keepLines: true } };
  return edits.reduce((edited, { path, value }) => {
    const entry = entryPath(edited, kind, vmid);
    if (!entry) throw new Error(`There is no guest ${vmid} in this file.`);
    return applyEdits(edited, modify(edited, [...entry, ...path], value, options));
  }, text);
}

function entryPath(text: string, kind: GuestKind, vmid: GuestId): JSONPath | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (!root) return undefined;
  if (kind === 'lxc') {
    const path = ['lxc_configs', String(vmid)];
    return findNodeAtLocation(root, path) ? path : undefined;
  }
  const machines = findNodeAtLocation(root, ['vms'])?.children ?? [];
  const index = machines.findIndex((node) => {
    const id = findNodeAtLocation(node, ['vmid']);
    return id !== undefined && Number(getNodeValue(id)) === vmid;
  });
  return index === -1 ? undefined : ['vms', index];
}
