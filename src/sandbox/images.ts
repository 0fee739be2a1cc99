import { createHash } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { aptSettings, proxies } from './apt-settings.ts';
import { mustRun } from './command.ts';
import { download } from './download.ts';
import { IMAGE_SCRIPT } from './image-script.ts';

/** A cloud image that a folder asks for: its file's name, and where it comes from. */
export type WantedImage = { readonly file: string; readonly url: string };

/**
 * The file in the cache that is an image: the real one where that was downloaded, else the one that the
 * sandbox builds, which is one for all names; undefined where the cache has neither.
 */
export async function cachedImage(
  { file }: Pick<WantedImage, 'file'>,
  cache: string,
): Promise<{ readonly path: string; readonly isBuilt: boolean } | undefined> {
  for (const [name, isBuilt] of [[file, false], [BUILT_IMAGE, true]] as const) {
    const path = join(cache, name);
    if (await stat(path).catch(() => undefined)) return { path, isBuilt };
  }
  return undefined;
} // prettier-ignore

/**
 * Brings an image into the cache: downloaded where its server answers, built otherwise. Runs where the
 * sandbox's disk is mounted at `work`.
 */
export async function provideImage(
  image: WantedImage,
  folders: { readonly cache: string; readonly work: string },
  onOutput: (text: string) => void,
): Promise<void> {
  if ((await cachedImage(image, folders.cache)) !== undefined) return;
  await mkdir(folders.cache, { recursive: true });
  const partial = join(folders.cache, `.${image.file}.partial`);
  if (await download(image.url, partial, onOutput)) return rename(partial, join(folders.cache, image.file));
  onOutput(`building a cloud image with debootstrap (Debian ${SUITE}); this is done once\n`);
  await mkdir(folders.work, { recursive: true });
  const { aptConf, mirror } = await aptSettings('debian');
  const script = ['sh', '-c', IMAGE_SCRIPT, 'image', SUITE, mirror, folders.work, partial];
  const onText = (_: string, text: string): void => onOutput(text);
  await mustRun(script, { stdin: aptConf, onOutput: onText, env: await proxies() });
  await rename(partial, join(folders.cache, BUILT_IMAGE));
}

const SUITE = 'bookworm';

/** Another text of the script builds another image. */
const BUILT_IMAGE = `phoenix-cloud-image-${createHash('sha256').update(IMAGE_SCRIPT).digest('hex').slice(0, 12)}.qcow2`;
