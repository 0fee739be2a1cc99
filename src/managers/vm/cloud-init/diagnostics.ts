import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { CloudInitVm } from './machine.ts';

/** Files where our documents go that Phoenix did not write. */
export function foreignSnippet({ desired }: CloudInitVm, paths: readonly string[]): Diagnostic {
  return {
    code: 'vm/foreign-snippet',
    severity: 'error',
    summary: `${paths.length === 1 ? paths[0] : `${paths.length} snippets`} of ${desired.vmid} ${paths.length === 1 ? 'is' : 'are'} someone else's`,
    detail: `Phoenix would write its Cloud-Init documents there, and did not write what stands there now:\n${paths.join('\n')}`,
    remedy: `Move them away, or let Phoenix replace them:\nphoenix create ${desired.vmid} --adopt`,
    position: desired.position,
    target: desired.vmid,
  };
}

/** What cloud-init does at a machine's first boot only, and this one has had its first boot. */
export function onlyWithReseed({ desired }: CloudInitVm, keys: readonly string[]): Diagnostic {
  const { vmid } = desired;
  return {
    code: 'vm/only-with-reseed',
    severity: 'notice',
    summary: `what cloud-init does at the first boot of ${vmid} is no longer what the folder says`,
    detail: `${keys.join(', ')}: cloud-init acts on that once, when a machine boots for the first time. The documents keep what it was made with.`,
    remedy: `To have its next boot taken for a first one (users, SSH host keys, packages, files and commands all over again):\nphoenix converge ${vmid} --reseed --allow restart`,
    position: desired.position,
    target: vmid,
  };
}

/** A VM that runs, and that was not made with Cloud-Init of ours. */
export function tooLate({ desired }: CloudInitVm): Diagnostic {
  const { vmid } = desired;
  return {
    code: 'vm/booted-without-cloud-init',
    severity: 'notice',
    summary: `${vmid} has booted without the Cloud-Init that the folder describes`,
    detail:
      'Given to it now, cloud-init would take its next boot for a first one: users, SSH host keys, packages, files and commands all over again.',
    remedy: `Where that is what you want:\nphoenix converge ${vmid} --reseed --allow restart`,
    position: desired.position,
    target: vmid,
  };
}

/** A network-config of the folder that can't be merged into ours. */
export function unmergeableNetwork({ desired }: CloudInitVm): Diagnostic {
  return {
    code: 'vm/network-template-version',
    severity: 'error',
    summary: `the network-config template of ${desired.vmid} is not of version 2`,
    detail:
      'Phoenix describes the network in version 2 (the form of netplan); documents of two versions can not be merged.',
    remedy:
      'Write it in version 2: https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html',
    position: desired.position,
    target: desired.vmid,
  };
}

/** Documents that Proxmox would refuse to read, and with them the start of the VM. */
export function tooLarge({ desired }: CloudInitVm, names: readonly string[]): Diagnostic {
  return {
    code: 'vm/document-too-large',
    severity: 'error',
    summary: `the ${names.join('- and ')}-data of ${desired.vmid} is larger than Proxmox reads`,
    detail: 'A document for Cloud-Init may be 1 MiB, files that it writes included.',
    remedy: 'Give large files to an application script or to a feature instead ("application_script_files").',
    position: desired.position,
    target: desired.vmid,
  };
}

/** What Proxmox's own keys have no word for. */
export function saidByKeysOnly(
  { desired }: CloudInitVm,
  { unsaid, hasSnippets }: { readonly unsaid: readonly string[]; readonly hasSnippets: boolean },
): Diagnostic {
  const { vmid } = desired;
  const isLost = unsaid.length > 0 ? `They have no word for: ${unsaid.join(', ')}. ` : '';
  return {
    code: 'vm/cloud-init-by-keys',
    severity: unsaid.length > 0 ? 'warning' : 'notice',
    summary: `Cloud-Init of ${vmid} is told by Proxmox's own keys`,
    detail: `${isLost}With them, each change of a user, a key or the network makes cloud-init take the next boot for a first one.`,
    remedy: hasSnippets
      ? `It has booted with them. To go over to documents, which makes its next boot a first one:\nphoenix converge ${vmid} --reseed --allow restart`
      : 'Let a storage with a path take snippets, then run it again:\npvesm set local --content <what it has>,snippets',
    position: desired.position,
    target: vmid,
  };
}
