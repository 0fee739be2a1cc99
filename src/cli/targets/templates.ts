import type { DesiredGuest } from '../../model/desired.ts';

/**
 * Leaves out what is there to be cloned and never to run: templates, and golden guests, whose
 * snapshot is what clones start from.
 */
export function withoutTemplates(guests: readonly DesiredGuest[]): readonly DesiredGuest[] {
  return guests.filter((guest) => !isTemplate(guest));
}

/** Is the guest a template or a golden one? */
export function isTemplate(guest: Pick<DesiredGuest, 'isTemplate' | 'templateSnapshotName'>): boolean {
  return guest.isTemplate || guest.templateSnapshotName !== undefined;
}
