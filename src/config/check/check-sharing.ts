import type { GuestId } from '../../model/target.ts';
import { gpusOf } from '../normalise/container.ts';
import type { RawContainer, RawGuest } from '../raw-guest.ts';
import type { FolderCheck } from './folder-check.ts';

/** What guests share or contradict each other in: names, GPUs, the order of starts. */
export function checkSharing(check: FolderCheck): void {
  checkNames(check);
  checkGpus(check);
  checkBootOrder(check);
}

function checkNames({ guests, findings }: FolderCheck): void {
  const names = new Map<string, RawGuest>();
  for (const guest of guests.values()) {
    const name = guest.config.name.toLowerCase();
    const earlier = names.get(name);
    if (!earlier) {
      names.set(name, guest);
      continue;
    }
    findings.add('duplicate-name', {
      summary: 'Two guests have the same name',
      detail: `${earlier.vmid} is called ${guest.config.name} too (${earlier.position.file}:${earlier.position.line}).`,
      position: guest.at('name'),
      target: guest.vmid,
    });
  }
}

function checkGpus({ guests, findings }: FolderCheck): void {
  const users = new Map<number, RawContainer[]>();
  for (const guest of guests.values()) {
    if (guest.kind !== 'lxc') continue;
    const container = guest as RawContainer;
    for (const gpu of gpusOf(container.config.gpu_assignment)) {
      const known = users.get(gpu);
      if (known) known.push(container);
      else users.set(gpu, [container]);
    }
  }
  for (const [gpu, containers] of [...users].sort(([a], [b]) => a - b)) {
    const second = containers[1];
    if (!second) continue;
    const ids: GuestId[] = containers.map(({ vmid }) => vmid);
    findings.add('shared-gpu', {
      summary: 'Several guests use the same GPU',
      detail: `GPU ${gpu} is assigned to ${ids.join(', ')}; they share its memory.`,
      position: second.at('gpu_assignment'),
      target: second.vmid,
    });
  }
}

function checkBootOrder({ guests, starts, findings }: FolderCheck): void {
  for (const { vmid, order, needed, neededOrder } of starts.contradictions) {
    const guest = guests.get(vmid);
    if (!guest) continue;
    const isGiven = guests.get(needed)?.config.boot_order !== undefined;
    findings.add('boot-order-contradicts', {
      summary: 'A guest boots before one that it depends on',
      detail: `It has boot_order ${order}; ${needed}, which it depends on, ${isGiven ? 'has' : 'can have no less than'} ${neededOrder}.`,
      remedy: `Raise its boot_order above ${neededOrder}.`,
      position: guest.at('boot_order'),
      target: vmid,
    });
  }
}
