import { rm, truncate, writeFile } from 'node:fs/promises';
import { HostError } from '../../twin/host.ts';
import { runCommand } from '../command.ts';

/** Makes an empty image of a size; only what is written to it takes space. */
export async function makeImage(path: string, format: string, sizeBytes: number): Promise<void> {
  if (format === 'raw') {
    await writeFile(path, '', { mode: 0o600 });
    await truncate(path, sizeBytes);
  } else await qemuImg(['create', '-q', '-f', format, path, String(sizeBytes)]);
}

/** Makes an image that shows another and keeps what differs from it. */
export async function makeOverlay(
  path: string,
  base: { readonly path: string; readonly format: string },
): Promise<void> {
  await qemuImg(['create', '-q', '-f', 'qcow2', '-b', base.path, '-F', base.format, path]);
}

export async function removeImage(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Grows an image that no VM has open. */
export async function growImage(path: string, format: string, sizeBytes: number): Promise<void> {
  if (format === 'raw') await truncate(path, sizeBytes);
  else await qemuImg(['resize', '-q', '-f', format, path, String(sizeBytes)]);
}

/** What an image file is and how large its disk; undefined where it is none. */
export async function describeImage(
  path: string,
): Promise<{ readonly format: string; readonly sizeBytes: number } | undefined> {
  const { code, stdout } = await runCommand(['qemu-img', 'info', '-U', '--output=json', path]);
  if (code !== 0) return undefined;
  const { format, 'virtual-size': size } = JSON.parse(stdout) as { format: string; 'virtual-size': number };
  return { format, sizeBytes: size };
}

/** Copies a disk into an image that exists, is empty, and at least as large. */
export async function copyImage(
  source: { readonly path: string; readonly format: string },
  target: { readonly path: string; readonly format: string },
): Promise<void> {
  const formats = ['-f', source.format, '-O', target.format];
  await qemuImg(['convert', '-n', '--target-is-zero', ...formats, source.path, target.path]);
}

/** Writes a small image over whatever another holds. */
export async function overwriteImage(
  source: string,
  target: { readonly path: string; readonly format: string },
): Promise<void> {
  await qemuImg(['convert', '-n', '-f', 'raw', '-O', target.format, source, target.path]);
}

async function qemuImg(words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCommand(['qemu-img', ...words]);
  if (code !== 0) throw new HostError((stderr.trim() || stdout.trim()).replace(/^qemu-img: /, ''));
}
