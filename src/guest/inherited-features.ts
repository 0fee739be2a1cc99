import type { DesiredGuest, Folder } from '../model/desired.ts';

/** Names of the features that the guests named by `cloneFrom`, and theirs in turn, bring along. */
export function inheritedFeatures(guest: DesiredGuest, folder: Folder): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set([guest.vmid]);
  let source = sourceOf(guest, folder);
  while (source && !seen.has(source.vmid)) {
    seen.add(source.vmid);
    for (const feature of source.features) names.add(feature.name);
    source = sourceOf(source, folder);
  }
  return names;
}

function sourceOf(guest: DesiredGuest, folder: Folder): DesiredGuest | undefined {
  return guest.cloneFrom && folder.guests.get(guest.cloneFrom.vmid);
}
