/**
 * How many operations may hold a gate at once. Proxmox's own locks set the widths: a container's
 * clone holds `lock: disk` on its source for the whole copy (PVE::API2::LXC clone_vm), a storage
 * has one allocator (`/var/lock/pve-manager/pve-storage-X`, PVE::Storage::Plugin), a VM's clones
 * share a lock on a stopped source but wait one second for it (clone_vm). An unknown gate is as narrow as can be.
 */
export function gateWidth(gate: string): number {
  return WIDTHS.get(gate.split(':', 1)[0] ?? gate) ?? 1;
}

/** The gate of everything that copies from `source` where one copy at a time can be made: a container, a VM that runs. */
export function cloneGate(source: number): string {
  return `clone:${source}`;
}

/** The gate of everything that copies from the stopped VM `source`, a template as a rule. */
export function vmCloneGate(source: number): string {
  return `vm-clone:${source}`;
}

/** The gate of everything that allocates on the storage `id`. */
export function storageGate(id: string): string {
  return `storage:${id}`;
}

const WIDTHS: ReadonlyMap<string, number> = new Map([
  ['clone', 1],
  ['vm-clone', 3],
  ['storage', 1],
  ['node', 8],
]);
