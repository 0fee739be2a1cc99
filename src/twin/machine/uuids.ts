import type { Session } from '../call/session.ts';

/** A random UUID (version 4) of the host's own generator. */
export function newUuid(session: Session): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(session.host.random() * 16).toString(16));
  return digits.join('').replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}

/** An `smbios1` setting with a new UUID in the place of its old one. */
export function withNewUuid(session: Session, smbios: string | undefined): string {
  const others = (smbios ?? '').split(',').filter((part) => part !== '' && !part.startsWith('uuid='));
  return [...others, `uuid=${newUuid(session)}`].toSorted().join(',');
}
