import { cloneLine, cloneSourceOf } from '../guest-graph.ts';
import type { RawContainer, RawGuest, RawVm } from '../raw-guest.ts';
import type { VmDefaults } from '../schema/vm.ts';
import type { FolderCheck } from './folder-check.ts';

/** What a clone takes over from its source and cannot change. */
export function checkClones({ guests, vmDefaults, findings }: FolderCheck): void {
  for (const guest of guests.values()) {
    const source = guests.get(cloneSourceOf(guest) ?? 0);
    if (!source || source.kind !== guest.kind) continue;
    const line = cloneLine(guest, guests).filter(({ kind }) => kind === guest.kind);
    if (guest.kind === 'lxc') checkPrivilege(guest as RawContainer, line as RawContainer[], findings);
    checkDisk(guest, line, vmDefaults, findings);
    const mounts = source.kind === 'lxc' ? (source as RawContainer).config.mount_points : undefined;
    if ((mounts ?? []).length > 0) {
      findings.add('source-has-mounts', {
        summary: 'A clone source has bind mounts',
        detail: `Proxmox cannot clone the bind mounts of ${source.vmid}.`,
        remedy: `Move mount_points from ${source.vmid} to the guests that are cloned from it.`,
        position: guest.at('clone_from_ctid'),
        target: guest.vmid,
      });
    }
  }
}

function checkPrivilege(
  guest: RawContainer,
  line: readonly RawContainer[],
  findings: FolderCheck['findings'],
): void {
  const wanted = guest.config.unprivileged;
  const source = line.find(({ config }) => config.unprivileged !== undefined);
  if (wanted === undefined || !source || source.config.unprivileged === wanted) return;
  findings.add('clone-changes-privilege', {
    summary: 'A clone differs from its source in unprivileged',
    detail: `${source.vmid} says ${source.config.unprivileged}, its clone says ${wanted}; Proxmox cannot change that when it clones.`,
    remedy: `Set "unprivileged": ${source.config.unprivileged}, or create it from a template.`,
    position: guest.at('unprivileged'),
    target: guest.vmid,
  });
}

function checkDisk(
  guest: RawGuest,
  line: readonly RawGuest[],
  defaults: VmDefaults,
  findings: FolderCheck['findings'],
): void {
  const key = guest.kind === 'lxc' ? 'storage_size_gb' : 'disk_size_gb';
  const wanted = diskOf(guest);
  const fallback = guest.kind === 'lxc' ? undefined : defaults.disk_size_gb;
  const source = line.find((candidate) => diskOf(candidate) !== undefined) ?? line.at(-1);
  const size = (source && diskOf(source)) ?? fallback;
  if (wanted === undefined || size === undefined || wanted >= size) return;
  findings.add('disk-would-shrink', {
    summary: "A disk would be smaller than its clone source's",
    detail: `${source?.vmid} has ${size} GiB, its clone would have ${wanted} GiB; disks only grow.`,
    remedy: `Set "${key}" to ${size} or more.`,
    position: guest.at(key),
    target: guest.vmid,
  });
}

function diskOf(guest: RawGuest): number | undefined {
  if (guest.kind === 'lxc') return (guest as RawContainer).config.storage_size_gb;
  return (guest as RawVm).config.disk_size_gb;
}
