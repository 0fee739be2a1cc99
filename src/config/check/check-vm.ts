import type { Findings } from '../diagnose.ts';
import { imageOf } from '../normalise/image.ts';
import type { RawGuest, RawVm } from '../raw-guest.ts';
import type { VmDefaults } from '../schema/vm.ts';

/** What is contradictory within one VM. */
export function checkVm(guest: RawGuest, defaults: VmDefaults, findings: Findings): void {
  const { config } = guest;
  if (!('vmid' in config)) return;
  const hasSource = ['image', 'template_image', 'clone_from_vmid'].some(guest.declares);
  if (!hasSource && !imageOf(guest as RawVm, defaults, '')) {
    findings.add('no-source', {
      summary: 'A VM has nothing to be made from',
      ...(config.template !== undefined && {
        detail: `${JSON.stringify(config.template)} is no file name of a cloud image.`,
      }),
      remedy:
        'Add "image" or "template_image" with a cloud image, or "clone_from_vmid" with the id of another VM.',
      position: guest.position,
      target: guest.vmid,
    });
  }
  const { nameserver, nameservers } = config.network_config ?? {};
  if (nameserver !== undefined && nameservers !== undefined) {
    findings.add('conflicting-values', {
      summary: 'nameserver and nameservers are both set',
      remedy: 'Keep nameservers.',
      position: guest.keyAt('network_config', 'nameserver'),
      target: guest.vmid,
    });
  }
  if (config.is_template === true && config.template_snapshot_name !== undefined) {
    findings.add('no-effect', {
      summary: 'template_snapshot_name has no effect on a VM that becomes a template',
      detail: 'Proxmox makes no template of a VM with snapshots; its clones start from the template itself.',
      position: guest.keyAt('template_snapshot_name'),
      target: guest.vmid,
    });
  }
}
