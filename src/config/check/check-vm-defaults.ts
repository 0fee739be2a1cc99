import { isImageFile } from '../normalise/image.ts';
import { positionAt } from '../parse/source.ts';
import type { FolderCheck } from './folder-check.ts';

/** Files of the predecessor name a template there that it never used. */
export function checkVmDefaults({ vmDefaults, vmFile, findings }: FolderCheck): void {
  const { template } = vmDefaults;
  const defaults = vmFile?.root.entries.get('vm_defaults')?.value;
  const entry = defaults?.type === 'object' ? defaults.entries.get('template') : undefined;
  if (!vmFile || !entry || template === undefined || isImageFile(template)) return;
  findings.add('no-effect', {
    summary: 'vm_defaults.template has no effect',
    detail: `${JSON.stringify(template)} is no file name of a cloud image.`,
    remedy: 'Remove it, or name an image of https://cloud-images.ubuntu.com.',
    position: positionAt(vmFile.source, entry.keyStart, entry.keyEnd),
  });
}
