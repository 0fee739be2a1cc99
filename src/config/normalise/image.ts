import * as v from 'valibot';
import type { DesiredImage } from '../../model/desired.ts';
import type { RawVm } from '../raw-guest.ts';
import { imageFile } from '../schema/scalars.ts';
import type { VmDefaults } from '../schema/vm.ts';

/**
 * The image that a VM is made from: `image`, else the image of Ubuntu that `template_image`, or else
 * `template`, names; undefined for a clone and where there is none.
 */
export function imageOf({ config }: RawVm, defaults: VmDefaults, release: string): DesiredImage | undefined {
  if (config.clone_from_vmid !== undefined) return undefined;
  if (config.image) {
    const { url, sha256, file, checksums_url } = config.image;
    return {
      file: file ?? fileOfUrl(url),
      url,
      ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
      ...(checksums_url !== undefined && { checksumsUrl: checksums_url }),
    };
  }
  const file = config.template_image ?? [config.template, defaults.template].find(isImageFile);
  if (file === undefined) return undefined;
  const place = `https://cloud-images.ubuntu.com/${release}/current`;
  return { file, url: `${place}/${file}`, checksumsUrl: `${place}/SHA256SUMS` };
}

/** The last part of a web address's path. */
export function fileOfUrl(url: string): string {
  const path = url.split(/[?#]/)[0] ?? url;
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Does a legacy `template` name a cloud image? Others name things that a VM cannot be made from. */
export function isImageFile(name: string | undefined): name is string {
  return v.is(imageFile, name);
}
