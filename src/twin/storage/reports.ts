import type { Session } from '../call/session.ts';
import type { CopyFigures } from '../host.ts';

/** Prints what rsync reports of a copied volume. */
export function printCopy(session: Session, figures: CopyFigures): void {
  const files = figures.files.toLocaleString('en-US');
  const bytes = figures.bytes.toLocaleString('en-US');
  session.print(
    `\nNumber of files: ${files}\nNumber of created files: ${files}\nNumber of deleted files: 0\n` +
      `Number of regular files transferred: ${files}\nTotal file size: ${bytes} bytes\n` +
      `Total transferred file size: ${bytes} bytes\nLiteral data: ${bytes} bytes\nMatched data: 0 bytes\n` +
      `Total bytes sent: ${bytes}\nTotal bytes received: ${files}\n\n`,
  );
}

/** Prints what qemu-img reports of a new image. */
export function printImage(session: Session, path: string, format: string, sizeBytes: number): void {
  const details: Readonly<Record<string, string>> = {
    raw: `size=${sizeBytes} preallocation=off`,
    qcow2:
      'cluster_size=65536 extended_l2=off preallocation=metadata compression_type=zlib ' +
      `size=${sizeBytes} lazy_refcounts=off refcount_bits=16`,
    vmdk: `size=${sizeBytes} compat6=off hwversion=undefined`,
  };
  session.print(`Formatting '${path}', fmt=${format} ${details[format] ?? `size=${sizeBytes}`}\n`);
}

/** Prints what mkfs reports of a new ext4 filesystem. */
export function printFilesystem(session: Session, sizeBytes: number): void {
  const blocks = Math.floor(sizeBytes / 4096);
  const groups = [32_768, 98_304, 163_840, 229_376, 294_912, 819_200, 884_736].filter(
    (block) => block < blocks,
  );
  session.print(`Creating filesystem with ${blocks} 4k blocks and ${Math.floor(blocks / 4)} inodes\n`);
  session.print(`Filesystem UUID: ${newUuid(session)}\n`);
  session.print(`Superblock backups stored on blocks: \n\t${groups.join(', ')}\n`);
}

function newUuid(session: Session): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(session.host.random() * 16).toString(16)).join(
    '',
  );
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}
