import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { mustRun } from './command.ts';
import { cachedImage } from './images.ts';
import { rootPath, spawnPrefix } from './inside.ts';
import { INSIDE, type Layout } from './layout.ts';
import type { SandboxNeeds } from './needs.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { existsInside } from './provision.ts';

/** Puts the cloud images that a folder asks for where Phoenix finds a downloaded one. */
export async function provideImages(
  holder: ProcessIdentity,
  layout: Layout,
  needs: SandboxNeeds,
  nodePath: string,
  onProgress: (text: string) => void,
): Promise<void> {
  for (const image of needs.images) {
    if (await existsInside(holder, image.path)) continue;
    onProgress(`providing image ${image.file}`);
    const onOutput = { onOutput: (_: string, text: string) => onProgress(text.trimEnd()) };
    const tool = join(INSIDE.root, 'sandbox-tool.cjs');
    await mustRun([...spawnPrefix(holder), nodePath, tool, 'provide-image', image.file, image.url], onOutput);
    const found = await cachedImage(image, layout.cache);
    if (found === undefined) throw new Error(`the image ${image.file} could not be provided`);
    const target = join(rootPath(holder), image.path);
    const partial = join(dirname(target), `.${image.file}.partial`);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(found.path, partial);
    await rename(partial, target);
  }
}

/** A notice for every image that is not what its name says. */
export async function imageNotices(layout: Layout, needs: SandboxNeeds): Promise<Diagnostic[]> {
  const notices: Diagnostic[] = [];
  for (const image of needs.images) {
    if ((await cachedImage(image, layout.cache))?.isBuilt === true) notices.push(builtNotice(image.file));
  }
  return notices;
}

function builtNotice(file: string): Diagnostic {
  const isDebian12 = file.startsWith('debian-12-');
  return {
    code: 'sandbox/image-built',
    severity: isDebian12 ? 'notice' : 'warning',
    summary: `the sandbox can't download ${file}: a Debian 12 that it built itself stands in for it`,
    detail: isDebian12
      ? 'It is put together from Debian’s own packages, with a guest agent in it.'
      : 'What you see of machines made from it says little about the real ones.',
  };
}
