import { createHash } from 'node:crypto';

/** Where a NIC belongs: what its derived address is made of. */
export type NicPlace = {
  readonly folderId: string;
  readonly node: string;
  readonly vmid: number;
  readonly index: number;
};

/** A stable, locally administered unicast address for a NIC that the folder gives none. */
export function deriveMac({ folderId, node, vmid, index }: NicPlace): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([folderId, node, vmid, index]))
    .digest();
  const first = ((digest[0] ?? 0) & 0xfc) | 0x02;
  const bytes = [first, ...digest.subarray(1, 6)];
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
}
