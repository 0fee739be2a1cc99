import type { Position } from '../../model/diagnostic.ts';
import type { RawGuest } from '../raw-guest.ts';
import { nearest } from '../suggest.ts';
import type { FolderCheck } from './folder-check.ts';

/** Dependencies and clone sources must be guests of the folder, sources of the same kind. */
export function checkReferences({ guests, findings, isComplete }: FolderCheck): void {
  let ids: readonly string[] | undefined;
  for (const guest of guests.values()) {
    for (const { id, at, role } of referencesOf(guest)) {
      const found = guests.get(id);
      if (!found) {
        if (!isComplete) continue;
        ids ??= [...guests.keys()].map(String);
        const meant = nearest(String(id), ids);
        findings.add('unknown-guest', {
          summary:
            role === 'source' ? 'A clone source is not in the folder' : 'A dependency is not in the folder',
          detail: [`No guest has the id ${id}.`, meant && `Did you mean "${meant}"?`]
            .filter(Boolean)
            .join(' '),
          remedy: 'Correct the id, or describe that guest.',
          position: at(),
          target: guest.vmid,
        });
      } else if (role === 'source' && found.kind !== guest.kind) {
        findings.add('wrong-kind', {
          summary:
            guest.kind === 'lxc'
              ? 'A container cannot be cloned from a VM'
              : 'A VM cannot be cloned from a container',
          detail: `${id} is a ${found.kind === 'lxc' ? 'container' : 'VM'}.`,
          position: at(),
          target: guest.vmid,
        });
      } else if (role === 'dependency' && isNeverStarted(found)) {
        findings.add('depends-on-template', {
          summary: 'A guest depends on one that is never started',
          detail: `${id} is a template, or golden: kept with a snapshot for its clones.`,
          position: at(),
          target: guest.vmid,
        });
      }
    }
  }
}

export type Reference = {
  readonly id: number;
  readonly role: 'source' | 'dependency';
  readonly at: () => Position;
};

/** Everything that must be there before a guest, with its place. */
export function referencesOf(guest: RawGuest): readonly Reference[] {
  const { config } = guest;
  const key = guest.kind === 'lxc' ? 'clone_from_ctid' : 'clone_from_vmid';
  const source = (config as Readonly<Record<string, unknown>>)[key];
  const dependencies = (config.dependencies ?? []).map((reference, index) => ({
    id: Number(reference),
    role: 'dependency' as const,
    at: () => guest.at('dependencies', index),
  }));
  if (source === undefined) return dependencies;
  return [{ id: Number(source), role: 'source', at: () => guest.at(key) }, ...dependencies];
}

function isNeverStarted({ config }: RawGuest): boolean {
  return config.is_template === true || config.template_snapshot_name !== undefined;
}
