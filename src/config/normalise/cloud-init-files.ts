import type { DesiredFile } from '../../model/desired.ts';
import type { GuestId } from '../../model/target.ts';
import type { Asset } from '../assets.ts';
import { findPrivateKey } from '../check/private-key.ts';
import type { Findings } from '../diagnose.ts';
import { positionAt, sourceOf } from '../parse/source.ts';
import type { Path } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import type { CloudInitConfig } from '../schema/cloud-init.ts';
import { reportAsset } from '../script-text.ts';
import type { CloudInitContext } from './cloud-init.ts';
import { withoutTrailingSlash } from './trailing-slash.ts';

type FileConfig = NonNullable<CloudInitConfig['files']>[number];

/** The files that a VM gets: those of `cloud_init.files`, then the Compose files. */
export function cloudInitFilesOf(guest: RawVm, context: CloudInitContext): readonly DesiredFile[] {
  const declared = guest.config.cloud_init?.files ?? [];
  return [
    ...declared.flatMap((file, index) => {
      const content = contentOf(guest, file, ['cloud_init', 'files', index], context);
      if (content === undefined) return [];
      return [
        {
          path: file.path,
          content,
          ...(file.mode !== undefined && { mode: Number.parseInt(file.mode, 8) }),
          ...(file.owner !== undefined && { owner: ownerOf(file.owner) }),
        },
      ];
    }),
    ...composeFilesOf(guest, context),
  ];
}

function contentOf(
  guest: RawVm,
  file: FileConfig,
  path: Path,
  { assets, findings }: CloudInitContext,
): string | undefined {
  const { content, source } = file;
  const target = guest.vmid;
  if ((content === undefined) === (source === undefined)) {
    findings.add('file-content', {
      summary: source === undefined ? 'A file says nothing of what it holds' : 'A file has two contents',
      remedy: 'Give it either content or source.',
      position: guest.at(...path),
      target,
    });
    return undefined;
  }
  if (typeof content === 'object') {
    findings.add('secret-in-document', {
      summary: 'A secret would stand in clear in a document',
      detail: "Cloud-Init's documents are files of the node, and the VM keeps a copy of them.",
      position: guest.at(...path, 'content'),
      target,
    });
    return undefined;
  }
  if (content !== undefined) {
    if (findPrivateKey(content) === undefined) return content;
    findings.add('secret-in-document', {
      ...PRIVATE_KEY,
      position: guest.at(...path, 'content'),
      target,
    });
    return undefined;
  }
  const answer = assets.get('file', source ?? '');
  if (!answer.found) {
    const position = guest.at(...path, 'source');
    reportAsset(answer, { what: 'A file of a VM', position, target }, findings);
    return undefined;
  }
  return withoutKeys(answer.found, target, findings);
}

/** The text of a file of the folder; one with a private key in it is reported. */
function withoutKeys(asset: Asset, target: GuestId, findings: Findings): string | undefined {
  const key = findPrivateKey(asset.text);
  if (key === undefined) return asset.text;
  const position = positionAt(sourceOf(asset.file, asset.text), key.start, key.end);
  findings.add('secret-in-document', { ...PRIVATE_KEY, position, target });
  return undefined;
}

const PRIVATE_KEY = {
  summary: 'A private key would stand in clear in a document',
  detail: "Cloud-Init's documents are files of the node, and the VM keeps a copy of them.",
};

/** Cloud-Init wants both parts. */
function ownerOf(owner: string): string {
  return owner.includes(':') ? owner : `${owner}:${owner}`;
}

/**
 * Compose files of the predecessor's. One that is not in the folder, or that would be written below a
 * file system that is mounted later, has no effect, which is said.
 */
function composeFilesOf(guest: RawVm, { assets, findings }: CloudInitContext): readonly DesiredFile[] {
  return (guest.config.docker_compose_files ?? []).flatMap(({ source, destination }, index) => {
    const answer = assets.get('file', source);
    const mount = mountAbove(guest, destination);
    if (answer.found && destination.startsWith('/') && mount === undefined) {
      const name = source.slice(source.lastIndexOf('/') + 1);
      const isFile = /\.ya?ml$/.test(destination);
      const path = isFile ? destination : `${withoutTrailingSlash(destination)}/${name}`;
      const content = withoutKeys(answer.found, guest.vmid, findings);
      return content === undefined ? [] : [{ path, content }];
    }
    findings.add('no-effect', {
      summary: 'A Compose file does not get into the VM',
      detail: whyNot(source, destination, mount, answer.found !== undefined),
      remedy: 'Put it into files/ and name a path that no mount covers, or let a feature place it.',
      position: guest.at('docker_compose_files', index),
      target: guest.vmid,
    });
    return [];
  });
}

function whyNot(source: string, destination: string, mount: string | undefined, isFound: boolean): string {
  if (!isFound) return `There is no files/${source} in the folder.`;
  if (mount !== undefined) return `${mount} is mounted over what the first boot writes there.`;
  return `${destination} is no absolute path.`;
}

/** The NFS mount point that a path is below. */
export function mountAbove({ config }: RawVm, path: string): string | undefined {
  const points = (config.volumes ?? []).map(({ mount_point }) => withoutTrailingSlash(mount_point));
  return points.find((point) => path === point || path.startsWith(`${point}/`));
}
