import type { Diagnostic } from '../../model/diagnostic.ts';
import type { DesiredImage } from '../../model/desired.ts';
import type { Observation } from '../../model/observation.ts';
import type { ExecOperation } from '../../model/operation.ts';
import { NO_WORK, type Work } from '../guest/work.ts';
import { DOWNLOAD_IMAGE } from './download-image.ts';
import type { VmInput } from './input.ts';

const STEP = 'ensure_vm_defined';
const TIMEOUT_MS = 2 * 3_600_000;

/** Where images are kept on a node none of whose storages takes them. */
const IMAGE_FOLDER = '/var/lib/phoenix/images';

/** What an observation must hold for `findImage`, besides the images that storages keep. */
export function imagePaths(image: DesiredImage | undefined): readonly string[] {
  return image ? [`${IMAGE_FOLDER}/${image.file}`] : [];
}

/** The image's file on the node, and what must be done to have it. */
export type FoundImage = { readonly path: string; readonly download: Work };

/**
 * The image that a VM is made from: where a storage that takes images to import has it, or in
 * Phoenix's own folder, as it is; else downloaded to the first such storage, or to that folder. It is
 * checked while nobody can take it for the image yet, and a partial one is never used.
 */
export function findImage(input: VmInput, image: DesiredImage): FoundImage {
  const { observed, desired } = input;
  const { node } = observed;
  const folders = importFolders(node);
  const own = `${IMAGE_FOLDER}/${image.file}`;
  const standing = folders.find(({ id }) => node.templates.includes(`${id}:import/${image.file}`));
  if (standing) return { path: `${standing.folder}/${image.file}`, download: NO_WORK };
  if (node.paths.get(own)?.type === 'file') return { path: own, download: NO_WORK };
  const path = folders[0] ? `${folders[0].folder}/${image.file}` : own;
  const attribute = `image ${image.file}`;
  const fetch: ExecOperation = {
    op: 'exec',
    target: desired.vmid,
    step: STEP,
    changes: [attribute],
    gates: [`image:${path}`],
    provides: [`file:${path}`],
    in: 'node',
    script: {
      name: 'download-image',
      content: DOWNLOAD_IMAGE,
      args: [path, image.url, image.sha256 ?? '', image.checksumsUrl ?? ''],
    },
    timeoutMs: TIMEOUT_MS,
    title: `download ${image.file}`,
  };
  return {
    path,
    download: {
      changes: [
        {
          target: desired.vmid,
          step: STEP,
          attribute,
          before: undefined,
          after: `downloaded to ${path}`,
          effect: 'live',
        },
      ],
      operations: [fetch],
      diagnostics:
        image.sha256 === undefined && image.checksumsUrl === undefined ? [unchecked(input, image)] : [],
    },
  };
}

/** The folders of storages that take images to import, in the order of storage.cfg. */
function importFolders({
  storages,
}: Observation): readonly { readonly id: string; readonly folder: string }[] {
  return [...storages.values()].flatMap(({ id, path, content }) =>
    content.includes('import') && path !== undefined && /^\/[\w./+@:-]*$/.test(path)
      ? [{ id, folder: `${path}/import` }]
      : [],
  );
}

function unchecked({ desired }: VmInput, image: DesiredImage): Diagnostic {
  return {
    code: 'vm/image-unchecked',
    severity: 'warning',
    summary: `nothing says what ${image.file} must be`,
    detail: 'It is used as it comes, without a checksum.',
    remedy: 'Give the image a "sha256".',
    position: desired.position,
    target: desired.vmid,
  };
}
