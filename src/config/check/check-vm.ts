import type { Code } from '../codes.ts';
import type { Finding, Findings } from '../diagnose.ts';
import { imageOf, isImageFile, fileOfUrl } from '../normalise/image.ts';
import type { Path } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import type { VmDefaults } from '../schema/vm.ts';
import { checkVmGuestSide } from './check-vm-guest-side.ts';
import { checkVmHardware } from './check-vm-hardware.ts';

/** Reports a problem of one VM at the place of a value, or of its key. */
export type Report = (code: Code, path: Path, finding: Finding, isKey?: boolean) => void;

/** What is contradictory within one VM. */
export function checkVm(guest: RawVm, defaults: VmDefaults, findings: Findings): void {
  const report: Report = (code, path, finding, isKey = false) =>
    findings.add(code, {
      ...finding,
      position: isKey ? guest.keyAt(...path) : guest.at(...path),
      target: guest.vmid,
    });
  checkSource(guest, defaults, report);
  checkImage(guest, report);
  checkSnapshots(guest, report);
  checkVmHardware(guest, defaults, report);
  checkVmGuestSide(guest, report);
}

function checkSource(guest: RawVm, defaults: VmDefaults, report: Report): void {
  const { config } = guest;
  const isClone = guest.declares('clone_from_vmid');
  const hasSource = isClone || ['image', 'template_image'].some(guest.declares);
  if (!hasSource && !imageOf(guest, defaults, '')) {
    if (config.existing === true) return;
    report('no-source', [], {
      summary: 'A VM has nothing to be made from',
      ...(config.template !== undefined && {
        detail: `${JSON.stringify(config.template)} is no file name of a cloud image.`,
      }),
      remedy:
        'Add "image" or "template_image" with a cloud image, or "clone_from_vmid" with the id of another VM.',
    });
    return;
  }
  const images = (['image', 'template_image', 'template'] as const).filter(
    (key) => config[key] !== undefined,
  );
  const [used, unused] = isClone ? ['clone_from_vmid', images[0]] : images;
  if (used !== undefined && unused !== undefined) {
    const text = {
      summary: isClone ? 'A VM has an image and a VM to clone' : 'A VM has two images',
      detail: `It is made from ${used}; ${unused} is not used.`,
      remedy: `Remove ${used} or ${unused}.`,
    };
    report('two-sources', [unused], text, true);
  } else if (images[0] === 'template' && !isImageFile(config.template)) {
    const text = {
      summary: 'template has no effect here',
      detail: 'It is no file name of a cloud image; the one of vm_defaults is used.',
    };
    report('no-effect', ['template'], text, true);
  }
  if (config.clone_mode !== undefined && !isClone) {
    const text = { summary: 'clone_mode has no effect on a VM that is not cloned' };
    report('no-effect', ['clone_mode'], text, true);
  }
}

function checkImage({ config }: RawVm, report: Report): void {
  if (!config.image) return;
  const { url, file, sha256 } = config.image;
  if (file === undefined && !isImageFile(fileOfUrl(url))) {
    report('bad-value', ['image', 'url'], {
      summary: "An image's address does not end in the name of a disk image",
      detail: 'The file would have no ending by which Proxmox knows a disk image.',
      remedy:
        'Add "file" with a name that ends in .img, .qcow2, .raw or .vmdk; a packed image has to be unpacked first.',
    });
  }
  if (url.startsWith('http:') && sha256 === undefined) {
    report('unverified-image', ['image', 'url'], {
      summary: 'An image is downloaded without protection',
      detail: 'Anyone on the way can exchange it: the address is http, and no sha256 is given.',
    });
  }
}

function checkSnapshots({ config }: RawVm, report: Report): void {
  const { snapshots = {}, template_snapshot_name: golden, is_template } = config;
  if (is_template === true) {
    for (const key of ['template_snapshot_name', 'snapshots'] as const) {
      if (config[key] === undefined) continue;
      const text = {
        summary: `${key} has no effect on a VM that becomes a template`,
        detail:
          'Proxmox makes no template of a VM with snapshots; its clones start from the template itself.',
      };
      report('no-effect', [key], text, true);
    }
    return;
  }
  for (const [old, plain] of [
    ['pre-features', 'pre_features'],
    ['post-features', 'post_features'],
  ] as const) {
    if (snapshots[old] === undefined || snapshots[plain] === undefined) continue;
    const text = { summary: `${old} and ${plain} are both set`, remedy: `Keep ${plain}.` };
    report('conflicting-values', ['snapshots', old], text, true);
  }
  const seen = new Set(golden === undefined ? [] : [golden]);
  for (const [key, name] of Object.entries(snapshots)) {
    if (name === undefined) continue;
    if (seen.has(name)) {
      report('conflicting-values', ['snapshots', key], {
        summary: 'Two snapshots of a VM have the same name',
        detail: `Both are called ${name}.`,
        remedy: 'Give one another name.',
      });
    }
    seen.add(name);
  }
}
