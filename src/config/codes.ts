import type { Severity } from '../model/diagnostic.ts';

type CodeEntry = { readonly severity: Severity; readonly meaning: string; readonly remedy: string };

const error = (meaning: string, remedy: string): CodeEntry => ({ severity: 'error', meaning, remedy });
const warning = (meaning: string, remedy: string): CodeEntry => ({ severity: 'warning', meaning, remedy });

/**
 * Every problem that loading a folder can report, printed as `config/<code>`. Codes are stable:
 * one is never renamed or given another meaning. `remedy` is what is said where nothing more fitting is known.
 */
export const CODES = {
  // Files
  'no-folder': error('The configuration folder does not exist.', 'Give the folder with --config DIR.'),
  'no-files': error(
    'No configuration file was found.',
    'Create phoenix_lxc_configs.json, or give the folder with --config DIR.',
  ),
  'unreadable-file': error('A file cannot be read.', 'Check its owner and mode.'),
  'two-formats': error('The same file is there as JSON and as YAML.', 'Keep one of the two.'),
  'misnamed-file': warning('A file has a name that nothing reads.', 'Rename it.'),
  'bad-encoding': error('A file is not UTF-8.', 'Save it as UTF-8.'),
  'file-too-large': error('A file is too large.', 'Configuration files have at most 16 MiB.'),
  'empty-file': error('A file is empty.', 'Write at least {}.'),
  syntax: error('A file is not valid JSON or YAML.', 'Correct the syntax.'),
  'duplicate-key': error('A key stands twice in one object.', 'Remove one of the two.'),
  'too-deep': error('Values are nested too deeply.', 'No value is nested deeper than 64 levels.'),
  'not-an-object': error('A file does not hold an object.', 'Write { … } around its keys.'),
  // Single values
  'unknown-key': warning('A key is not known.', 'Remove it, or correct its name.'),
  'no-effect': warning('A key has no effect.', 'Remove it.'),
  'not-yet': warning('A key is understood but not acted on yet.', 'Nothing needs to be done.'),
  'missing-key': error('A required key is missing.', 'Add it.'),
  'wrong-type': error('A value has the wrong type.', 'Correct the value.'),
  'bad-value': error('A value is not one of those possible.', 'Correct the value.'),
  'bad-format': error('A text does not have the form that its key needs.', 'Correct the value.'),
  'out-of-range': error('A number or a text is too small or too large.', 'Correct the value.'),
  'control-character': error(
    'A text holds a line break or another control character.',
    'Remove it from the text.',
  ),
  'bad-vmid': error('A guest id is not a number from 100 to 999999999.', 'Give the guest another id.'),
  'literal-secret': error(
    'A secret stands in clear.',
    'Refer to it: { "from_env": "NAME" }, { "from_file": "PATH" } or { "from_command": ["PROGRAM"] }.',
  ),
  'plain-secret': warning(
    'A secret stands in clear.',
    'Refer to it: { "from_env": "NAME" }, { "from_file": "PATH" } or { "from_command": ["PROGRAM"] }.',
  ),
  'bad-secret': error(
    'A secret reference is malformed.',
    'Give exactly one of from_env, from_file and from_command.',
  ),
  'secret-missing': error('What a secret reference names does not exist.', 'Provide it.'),
  'secret-in-document': error(
    "A secret would stand in clear in one of Cloud-Init's documents.",
    'Hand it to an application script (application_script_env) or to a feature as an option, which take secret references.',
  ),
  'misplaced-block': error('A block stands where nothing reads it.', 'Move it.'),
  // One guest
  'no-source': error('A guest has nothing to be made from.', 'Add a template or a guest to clone.'),
  'two-sources': warning(
    'A guest has more than one thing to be made from; a guest to clone comes first.',
    'Remove one of the two.',
  ),
  'unverified-image': warning(
    'An image is downloaded over http without a checksum.',
    'Add "sha256", or use an address that begins with https.',
  ),
  'privilege-unset': warning(
    'A container does not say whether it is unprivileged.',
    'Add "unprivileged": true, or false if it needs the host\'s root.',
  ),
  'gateway-outside-subnet': error(
    'A gateway is not in the subnet of its address.',
    'Correct one of the two.',
  ),
  'gateway-is-address': error("A gateway is the guest's own address.", 'Correct one of the two.'),
  'address-not-a-host': error("An address is its subnet's network or broadcast address.", 'Choose another.'),
  'gateway-unused': warning('A gateway without a static address has no effect.', 'Remove it.'),
  'conflicting-values': error('Two keys say different things about the same.', 'Remove one of the two.'),
  'redundant-value': warning('A value says again what another key says.', 'Remove it.'),
  'duplicate-path': error('Two mounts or files have the same path in the guest.', 'Give one another path.'),
  'duplicate-nic': error('Two network interfaces have the same name.', 'Rename one.'),
  'unknown-device': error('A VM is to boot from a device that it does not have.', 'Correct the slot.'),
  'pcie-needs-q35': error(
    'A PCI device is attached by PCI Express, which the machine type does not have.',
    'Set "machine" to "q35", or remove pcie.',
  ),
  'duplicate-slot': error('A slot of a VM is used twice.', 'Choose another slot for one of the two.'),
  'pci-source': error(
    'A PCI device has neither a mapping nor an address, or both.',
    'Give it either mapping or address.',
  ),
  'duplicate-item': warning('An entry of a list stands twice.', 'Remove one of the two.'),
  'mounts-prevent-snapshots': error(
    'A container with bind mounts is to be snapshotted; Proxmox refuses that.',
    'Use a volume in place of the bind mount, or do without the snapshot.',
  ),
  'template-with-snapshot': error(
    'A container is to become a template and to have a snapshot; Proxmox refuses that.',
    'Remove is_template or template_snapshot_name.',
  ),
  'not-a-raw-line': error('A raw option is no lxc.* line.', 'Write it as "lxc.KEY=VALUE".'),
  'unknown-raw-key': warning('Proxmox does not know a raw option and drops it.', 'Correct its name.'),
  'port-without-protocol': error(
    'A firewall rule has a port but no protocol with ports.',
    'Add "proto": "tcp".',
  ),
  'check-without-probe': error(
    'A health check says nothing to check.',
    'Give it one of command, script, http, tcp.',
  ),
  'check-with-two-probes': error(
    'A health check has more than one probe.',
    'Make several health_checks of it.',
  ),
  'address-unknown': error(
    'A health check needs an address that only DHCP knows.',
    'Write the host into it.',
  ),
  // Files beside the configuration
  'missing-script': error(
    'A script or another file of the folder does not exist.',
    'Create it, or correct the name.',
  ),
  'path-outside-folder': error(
    'A file name leaves the configuration folder.',
    'Name a file inside the folder.',
  ),
  'script-needs-helpers': error(
    'A script expects files of the shell predecessor.',
    'Read the inputs from the JSON file that $PHOENIX_INPUTS names, and drop the sourced files.',
  ),
  'script-without-interpreter': warning(
    'A script does not name its interpreter; /bin/sh runs it.',
    'Begin it with #!/bin/sh.',
  ),
  'script-line-ends': error(
    'A script has Windows line ends; no interpreter is found that way.',
    'Convert it to LF.',
  ),
  'bad-template': error(
    'A Cloud-Init template is of a kind that nothing can be merged into.',
    'Write it as YAML: a user-data document begins with "#cloud-config".',
  ),
  'file-content': error('A file of a VM has no content, or two.', 'Give it either content or source.'),
  'profile-mismatch': error('An AppArmor profile file declares another profile.', 'Give both the same name.'),
  'unknown-feature': error('A feature does not exist.', 'Create its folder, or correct the name.'),
  'bad-manifest': error("A feature's manifest is wrong.", 'Correct feature.json.'),
  'missing-feature-script': error('A feature lacks its check or install script.', 'Create it.'),
  'feature-kind': error('A feature does not work in this kind of guest.', 'Remove it from this guest.'),
  'feature-needs': error('A feature needs another one that the guest lacks.', 'Add the needed feature.'),
  'feature-cycle': error('Features need each other in a circle.', 'Break the circle in their manifests.'),
  'unknown-option': error('A feature has no such option.', "Correct the option's name."),
  'missing-option': error("A feature's required option is missing.", 'Set it under options.'),
  'unused-option': warning('Options are set for a feature that the guest does not have.', 'Remove them.'),
  // Across guests and files
  'duplicate-vmid': error('Two guests have the same id.', 'Give one another id.'),
  'duplicate-name': warning('Two guests have the same name.', 'Rename one; commands take ids until then.'),
  'duplicate-ip': error('Two guests have the same address.', 'Give one another address.'),
  'duplicate-mac': error(
    'Two network interfaces have the same MAC address.',
    'Remove one; Phoenix then derives its own.',
  ),
  'unknown-guest': error('A reference names a guest that the folder does not describe.', 'Correct the id.'),
  'wrong-kind': error('A clone source is of another kind.', 'Clone a guest of the same kind.'),
  cycle: error('Guests need each other in a circle.', 'Remove one of these references.'),
  'depends-on-template': warning(
    'A guest depends on a template, which is never started.',
    'Remove the dependency.',
  ),
  'clone-changes-privilege': error(
    'A clone differs from its source in unprivileged; Proxmox cannot change that.',
    'Give both the same value, or create the guest from a template.',
  ),
  'disk-would-shrink': error(
    "A disk would be smaller than its clone source's; disks only grow.",
    'Raise the size.',
  ),
  'cannot-link': error('A VM cannot be a linked clone of its source.', 'Remove clone_mode.'),
  'source-has-mounts': error(
    'A clone source has bind mounts; Proxmox cannot clone them.',
    'Move mount_points from the source to its clones.',
  ),
  'boot-order-contradicts': warning('A guest boots before one that it depends on.', 'Raise its boot_order.'),
  'contradicting-owner': error(
    'Two mounts give the same directory to different owners.',
    'Give both the same owner, or let only one of them name it.',
  ),
  'shared-device': error(
    'Two VMs that start at boot have the same PCI device.',
    'Give it to one of them, or take start_at_boot from the other.',
  ),
  'shared-mapping': warning(
    'Two VMs that start at boot use the same resource mapping.',
    'Nothing needs to be done if the mapping holds a device for each of them.',
  ),
  'shared-gpu': warning(
    'Several guests use the same GPU.',
    'Nothing needs to be done if they share its memory.',
  ),
  // The hypervisor's file
  'unused-storage-id': warning(
    'A storage id is given for a dataset that does not exist.',
    'Correct the key.',
  ),
  'doubtful-dataset': warning("A dataset's name repeats its pool's.", 'Remove the pool from the name.'),
  'doubtful-content': warning("A directory storage holds guests' disks.", 'Use zfspool for them.'),
  'pool-layout': error(
    'A pool has not the number of disks that its layout needs.',
    'Name more disks, or another raid_level.',
  ),
  'shared-disk': error('A disk is named twice.', 'Name each disk once.'),
  'unstable-disk': warning(
    'A disk is named by a name that changes from boot to boot.',
    'Name it by its link below /dev/disk/by-id.',
  ),
  'duplicate-pool': error('A pool is described twice.', 'Make one of the two.'),
  'duplicate-dataset': error('A dataset is described twice.', 'Make one of the two.'),
  'driver-differs': error(
    'A container is to have another version of NVIDIA’s driver than the host.',
    'Remove nvidia_driver_version from the container: it takes the version of the host.',
  ),
  'unknown-pool': error('A dataset names a pool that is not declared.', 'Correct the pool, or declare it.'),
  'duplicate-interface': error('An interface of the node is described twice.', 'Make one of the two.'),
  'interface-in-use': error(
    'An interface that belongs to another has an address or a second owner.',
    'Give the address to the bridge or the bond that it belongs to.',
  ),
  'interface-circle': error('Interfaces of the node rest on each other in a circle.', 'Break the circle.'),
  'small-bond': warning('A bond has fewer than two members.', 'Add another, or do without the bond.'),
  'unknown-member': error("A bond's primary is none of its members.", 'Name one of them.'),
  'unused-bond-key': warning('A key has no effect in this mode of bonding.', 'Remove it.'),
  'vlans-without-awareness': error('A bridge has VLANs and is not VLAN-aware.', 'Add "vlan_aware": true.'),
  'two-gateways': error('The node has two gateways.', 'Keep the one that leads out.'),
  'incomplete-rule': error('A firewall rule says too little.', 'Say what it does.'),
  'duplicate-firewall-name': error('A name of the firewall is given twice.', 'Rename one.'),
  'stale-reference': warning('A reference names a guest that the folder does not describe.', 'Remove it.'),
  'stray-file': warning('A file in the folder is read by nothing.', 'Remove it; it may hold secrets.'),
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
