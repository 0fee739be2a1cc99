/**
 * What `df` says of a fresh ext4 filesystem of this size in bytes: `mkfs.ext4` keeps inode tables,
 * a journal, bitmaps and descriptors with room to grow for itself, and five per cent for root.
 */
export function ext4Usage(
  sizeBytes: number,
  contentBytes: number,
): { totalBytes: number; usedBytes: number; availableBytes: number } {
  const blocks = Math.floor(sizeBytes / BLOCK);
  const groups = Math.ceil(blocks / GROUP);
  const inodeTables = Math.floor(blocks / 64);
  const descriptors = Math.ceil((groups * 64) / BLOCK);
  const grown = Math.min(1024, Math.ceil((Math.ceil((blocks * 1024) / GROUP) * 64) / BLOCK) - descriptors);
  const overhead =
    inodeTables +
    journalBlocks(blocks) +
    groups * 2 +
    backups(groups) * (1 + descriptors + Math.max(0, grown));
  const totalBytes = Math.max(0, blocks - overhead) * BLOCK;
  const usedBytes = Math.min(totalBytes, contentBytes);
  const reserved = Math.floor(blocks / 20) * BLOCK;
  return { totalBytes, usedBytes, availableBytes: Math.max(0, totalBytes - usedBytes - reserved) };
}

const BLOCK = 4096;
const GROUP = 32_768;

function journalBlocks(blocks: number): number {
  if (blocks < 32_768) return 1024;
  for (const [limit, journal] of [
    [262_144, 4096],
    [524_288, 8192],
    [4_194_304, 16_384],
    [8_388_608, 32_768],
    [16_777_216, 65_536],
    [33_554_432, 131_072],
  ] as const) {
    if (blocks < limit) return journal;
  }
  return 262_144;
}

/** Groups with a copy of the superblock: 0, 1 and powers of 3, 5 and 7. */
function backups(groups: number): number {
  let count = Math.min(groups, 2);
  for (const base of [3, 5, 7]) {
    for (let group = base; group < groups; group *= base) count++;
  }
  return count;
}
