import type { GuestId } from '../model/target.ts';

/** Which folder made a guest, and under which number. */
export type Owner = { readonly folderId: string; readonly vmid: GuestId };

/**
 * A guest's notes with the line that marks it as Phoenix's own, `phoenix: <folderId>/<vmid>`, as
 * their last line; a line of that form that was there (a copy brings its source's) goes.
 */
export function withOwnerLine(notes: string | undefined, folderId: string, vmid: GuestId): string {
  const own = withoutOwnerLine(notes);
  const line = `phoenix: ${folderId}/${vmid}`;
  return own === '' ? line : `${own}\n${line}`;
}

/** The owner that the last owner line of decoded notes names; undefined where there is none. */
export function readOwnerLine(notes: string | undefined): Owner | undefined {
  if (notes === undefined || !notes.includes('phoenix: ')) return undefined;
  const match = notes
    .split('\n')
    .map((line) => OWNER_LINE.exec(line))
    .findLast((found) => found !== null);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { folderId: match[1], vmid: Number(match[2]) };
}

/** The notes as people wrote them: no owner line, no trailing newlines (Proxmox adds one to each line). */
export function withoutOwnerLine(notes: string | undefined): string {
  return (notes ?? '')
    .split('\n')
    .filter((line) => !OWNER_LINE.test(line))
    .join('\n')
    .replace(/\n+$/, '');
}

const OWNER_LINE = /^phoenix: (\S+)\/(\d+)\s*$/;
