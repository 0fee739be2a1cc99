import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import { isOurs } from '../../managers/guest/input.ts';
import { isTemplate } from './templates.ts';

/**
 * Must a guest that others need be made, or made ready? Where it is absent, and where it is ours
 * and an earlier run did not come to its end: something of it was begun and never ended, a template
 * is not one yet, or it does not run, or lacks a feature or the script that the folder names. A
 * difference of any other kind is drift, which is for `converge`.
 */
export function isMissing(
  folder: Folder,
  desired: DesiredGuest,
  { guests, openEntries }: Observation,
): boolean {
  const { vmid } = desired;
  const guest = guests.get(vmid);
  if (guest === undefined) return true;
  if (openEntries.some((entry) => entry.entry === 'begin' && entry.target === vmid)) return true;
  if (isTemplate(desired)) return !isFinishedTemplate(desired, guest);
  return isOurs(guest, folder.folderId) && (!guest.running || lacksSomething(desired, guest));
}

function isFinishedTemplate(desired: DesiredGuest, { config }: ObservedGuest): boolean {
  if (config.head.keys.get('template') === '1') return true;
  const { templateSnapshotName } = desired;
  return templateSnapshotName !== undefined && config.snapshots.has(templateSnapshotName);
}

function lacksSomething({ features, applicationScript }: DesiredGuest, { record }: ObservedGuest): boolean {
  if (record === 'unknown') return false;
  const applied = record === 'none' ? { features: {}, scripts: {} } : record;
  return (
    features.some(({ name }) => !Object.hasOwn(applied.features, name)) ||
    (applicationScript !== undefined && !Object.hasOwn(applied.scripts, applicationScript.name))
  );
}
