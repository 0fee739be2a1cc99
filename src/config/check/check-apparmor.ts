import { positionAt, sourceOf } from '../parse/source.ts';
import type { RawContainer } from '../raw-guest.ts';
import type { FolderCheck } from './folder-check.ts';

/** A profile's file in the folder must declare the profile that the container names. */
export function checkApparmor(guest: RawContainer, { assets, findings }: FolderCheck): void {
  const name = guest.config.apparmor_profile;
  if (name === undefined || name === 'unconfined') return;
  const { found } = assets.get('profile', name);
  if (!found) return;
  const declared = [...found.text.matchAll(/^[ \t]*profile[ \t]+("?)([^\s"{]+)\1/gm)];
  if (declared.some((match) => match[2] === name)) return;
  const first = declared[0];
  const source = sourceOf(found.file, found.text);
  const start = first ? first.index + first[0].indexOf(first[2] ?? '') : 0;
  findings.add('profile-mismatch', {
    summary: 'An AppArmor profile file declares another profile',
    detail: `apparmor_profile is ${name}; the file declares ${first?.[2] ?? 'none'}.`,
    remedy: `Declare "profile ${name} … { … }" in the file, or name the other one.`,
    position: positionAt(source, start, start + (first?.[2]?.length ?? 1)),
    target: guest.vmid,
  });
}
