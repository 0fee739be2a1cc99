import type { OutcomeKind } from '../model/outcome.ts';

/** A message of Proxmox's tools, what it means, and what to do. */
export type KnownMessage = {
  readonly pattern: RegExp;
  readonly kind: Exclude<OutcomeKind, 'done'>;
  readonly code: string;
  readonly summary: string;
  readonly remedy?: string;
  /** Said although the tool exits with 0 and nothing was done. */
  readonly alsoOnSuccess?: true;
};

/**
 * Messages of `pct`, `qm`, `pvesm` and `pveam` (texts as Proxmox VE 8 prints them), the more special
 * first. A busy one goes away by itself; all others need somebody to do something.
 */
export const KNOWN_MESSAGES: readonly KnownMessage[] = [
  {
    pattern: /can't lock file '[^']*' - got timeout/,
    kind: 'busy',
    code: 'pve/lock-timeout',
    summary: 'Another command holds the lock of this guest',
    alsoOnSuccess: true,
  },
  {
    pattern: /got lock request timeout|cfs-lock\S* '[^']*' error: got/,
    kind: 'busy',
    code: 'pve/cluster-lock-timeout',
    summary: 'Another node of the cluster holds a lock',
  },
  {
    pattern: /(?:CT|VM) is locked \((?:create|clone)\)/,
    kind: 'busy',
    code: 'pve/guest-locked',
    summary: 'The guest is being made, or its making was cut short',
    remedy: 'If no task of it runs (`pvesh get /cluster/tasks`), remove what is left of it and run again.',
  },
  {
    // `qm resize` exits with 0 whatever came of it.
    pattern: /^VM is locked \([\w-]+\)$/m,
    kind: 'busy',
    code: 'pve/guest-locked',
    summary: 'Proxmox is at work on this guest',
    remedy: 'Wait until its task has ended. If none runs, unlock it with `qm unlock <id>`.',
    alsoOnSuccess: true,
  },
  {
    pattern: /(?:CT|VM) is locked \([\w-]+\)/,
    kind: 'busy',
    code: 'pve/guest-locked',
    summary: 'Proxmox is at work on this guest',
    remedy:
      'Wait until its task has ended. If none runs, unlock it with `pct unlock <id>` or `qm unlock <id>`.',
  },
  {
    pattern: /No QEMU guest agent configured/,
    kind: 'refused',
    code: 'pve/agent-not-configured',
    summary: 'The VM has no channel for a guest agent',
    remedy: 'Set "guest_agent": true for it; it has one after its next start.',
  },
  {
    pattern: /QEMU guest agent is not running/,
    kind: 'refused',
    code: 'pve/agent-not-answering',
    summary: 'The guest agent of the VM does not answer',
    remedy: 'Is qemu-guest-agent running in it? Its console says more:\n  qm terminal <id>',
  },
  {
    pattern: /guest agent of VM \d+ refuses to run programs/,
    kind: 'refused',
    code: 'pve/agent-refuses',
    summary: 'The guest agent of the VM may not run programs or touch files',
    remedy:
      'Red Hat and its kin forbid it by default. In the VM, take the guest-exec and guest-file commands out of what is blocked (BLACKLIST_RPC or FILTER_RPC_ARGS in /etc/sysconfig/qemu-ga), then:\n  systemctl restart qemu-guest-agent',
  },
  {
    pattern: /guest agent of VM \d+ was lost while the program ran/,
    kind: 'lost',
    code: 'pve/agent-lost',
    summary: 'The guest agent went away while a program ran in the VM',
    remedy:
      'Was the VM stopped, or its agent restarted? Its console says more (`qm terminal <id>`). Then run the same command again.',
  },
  {
    pattern: /qmp command 'guest-[\w-]+' failed - got timeout/,
    kind: 'lost',
    code: 'pve/agent-not-answering',
    summary: 'The guest agent of the VM gave no answer in time',
    remedy: 'Is qemu-guest-agent running in it? Its console says more:\n  qm terminal <id>',
  },
  {
    pattern: /VM quit\/powerdown failed/,
    kind: 'refused',
    code: 'pve/not-shut-down',
    summary: 'The VM did not shut down in time',
    remedy:
      'Does it listen to ACPI, or does its guest agent run? See its console (`qm terminal <id>`). Give it more time, or cut it off:\n  phoenix stop <id> --timeout 300\n  phoenix stop <id> --force',
  },
  {
    pattern: /- got timeout$/m,
    kind: 'busy',
    code: 'pve/timeout',
    summary: 'Something took longer than Proxmox waits',
  },
  {
    pattern: /detected modified configuration|checksum mismatch \(file change by other user/,
    kind: 'refused',
    code: 'pve/config-changed',
    summary: 'Somebody changed the configuration at the same moment',
    remedy: 'Run the same command again.',
    alsoOnSuccess: true,
  },
  {
    // `qm resize` exits with 0 though it grew the disk and could not say so in the config.
    pattern: /no quorum|cluster not ready|unable to open file '\/etc\/pve\/[^']*' - Permission denied/,
    alsoOnSuccess: true,
    kind: 'refused',
    code: 'pve/no-quorum',
    summary: 'The cluster has no quorum, so its configuration is read-only',
    remedy: 'See `pvecm status`.',
  },
  {
    pattern: /Too many open files/,
    kind: 'refused',
    code: 'pve/inotify-limit',
    summary: 'The node ran out of inotify instances',
    remedy: 'Raise the limit:\n  sysctl -w fs.inotify.max_user_instances=1024',
  },
  {
    pattern: /No space left on device|not enough (?:free )?space/i,
    kind: 'refused',
    code: 'pve/no-space',
    summary: 'A storage is full',
    remedy: 'See `pvesm status` and `df -h`.',
  },
  {
    pattern: /(?:CT|VM) \d+ already exists on node|unable to create VM \d+: config file already exists/,
    kind: 'refused',
    code: 'pve/vmid-taken',
    summary: 'A guest with this id exists already',
  },
  {
    pattern: /unable to modify read-only option: 'unprivileged'/,
    kind: 'refused',
    code: 'pve/unprivileged-is-fixed',
    summary: 'Whether a container is unprivileged is fixed when it is made',
    remedy: 'Back it up and restore it with the other setting, or make it anew.',
  },
  {
    pattern: /snapshot feature is not available/,
    kind: 'refused',
    code: 'pve/no-snapshots',
    summary: 'This guest cannot be snapshotted',
    remedy: 'A bind mount or its storage forbids it: take the mount out, or move its volumes elsewhere.',
  },
  {
    pattern: /unable to clone mountpoint/,
    kind: 'refused',
    code: 'pve/no-clone',
    summary: 'A container with a bind mount or a device cannot be cloned',
  },
  {
    pattern: /unable to create template, because (?:CT|VM) contains snapshots/,
    kind: 'refused',
    code: 'pve/template-with-snapshots',
    summary: 'A guest with snapshots cannot become a template',
  },
  {
    pattern: /base volume '[^']*' is still in use/,
    kind: 'refused',
    code: 'pve/base-in-use',
    summary: 'Linked clones still rest on this guest',
    remedy: 'Delete its clones first.',
  },
  {
    pattern: /protection mode enabled/,
    kind: 'refused',
    code: 'pve/protected',
    summary: 'The guest is protected',
    remedy: 'Take `protection` off it first.',
  },
  {
    pattern: /balloon value too large/,
    kind: 'refused',
    code: 'pve/balloon-too-large',
    summary: 'The VM would have less memory than its balloon leaves it at least',
    remedy: 'Take the balloon setting off, or lower it: qm set <id> --delete balloon',
  },
  {
    pattern: /unable to shrink disk size|shrinking disks is not supported/,
    kind: 'refused',
    code: 'pve/cannot-shrink',
    summary: 'A disk can only grow',
    alsoOnSuccess: true,
  },
  {
    pattern: /^disk '\w+' does not exist$/m,
    kind: 'refused',
    code: 'pve/no-such-disk',
    summary: 'The guest has no such disk',
    alsoOnSuccess: true,
  },
  {
    pattern: /storage '[^']*' does not exist|No such storage/,
    kind: 'refused',
    code: 'pve/no-such-storage',
    summary: 'The node has no such storage',
    remedy: 'See `pvesm status` for those that it has.',
  },
  {
    pattern: /storage '[^']*' is not online/,
    kind: 'refused',
    code: 'pve/storage-offline',
    summary: 'A storage does not answer',
    remedy: 'See `pvesm status`.',
  },
  {
    pattern: /does not support (?:container directories|vm images|content type)|does not allow content type/,
    kind: 'refused',
    code: 'pve/wrong-content',
    summary: 'The storage does not take this kind of content',
    remedy: 'Allow it: `pvesm set <storage> --content …`, or choose another storage.',
  },
  {
    pattern: /no such template|volume '[^']*:vztmpl\/[^']*' does not exist|can't find file '[^']*\.tar\.\w+'/,
    kind: 'refused',
    code: 'pve/no-such-template',
    summary: 'The template is not there',
    remedy: 'See `pveam update && pveam available` for templates to download.',
  },
  {
    pattern: /can't find file '[^']*'|could not get (?:file )?size of/,
    kind: 'refused',
    code: 'pve/no-such-image',
    summary: 'The disk image is not there, or cannot be read',
    remedy: 'Look at it with `qemu-img info <file>`. Remove it to have it downloaded anew.',
  },
  {
    pattern: /volume '[^']*:snippets\/[^']*' does not exist/,
    kind: 'refused',
    code: 'pve/no-such-snippet',
    summary: 'A Cloud-Init document that the VM names is not there',
    remedy: 'Run `phoenix converge <id>`: it is written anew.',
  },
  {
    pattern: /volume '[^']*' does not exist/,
    kind: 'refused',
    code: 'pve/volume-missing',
    summary: 'A disk of the guest is gone, though its configuration names it',
    remedy:
      'A create that could not clean up after itself leaves this, and so does a disk removed by hand. If nothing of the guest is needed:\n  phoenix delete <id> && phoenix create <id>\nOtherwise bring the disk back, from a backup or with `pvesm list`.',
  },
  {
    pattern: /snapshot '[^']*' does not exist/,
    kind: 'refused',
    code: 'pve/no-such-snapshot',
    summary: 'The guest has no such snapshot',
    remedy: 'See `qm listsnapshot <id>` or `pct listsnapshot <id>`.',
  },
  {
    pattern: /Linked clone feature is not supported|not allowed for linked clones/,
    kind: 'refused',
    code: 'pve/no-linked-clone',
    summary: 'Proxmox can make no linked clone of this',
    remedy: 'Only disks of a template can be linked to, and on their own storage. Clone it in full.',
  },
  {
    pattern: /Full clone feature is not supported/,
    kind: 'refused',
    code: 'pve/no-full-clone',
    summary: 'The storage can make no copy of this',
    remedy: 'A snapshot of a raw disk cannot be copied. Clone the guest as it is, or use qcow2.',
  },
  {
    pattern: /disk image '[^']*' already exists/,
    kind: 'refused',
    code: 'pve/volume-exists',
    summary: 'A file of that name is on the storage already',
    remedy: 'Nothing refers to it: see `pvesm list <storage> --vmid <id>`, and free it if nobody needs it.',
  },
  {
    pattern: /you can't convert a template to a template/,
    kind: 'refused',
    code: 'pve/is-template',
    summary: 'It is a template already',
  },
  {
    pattern: /if (?:the )?(?:VM|CT) is running|is running - destroy failed/,
    kind: 'refused',
    code: 'pve/still-running',
    summary: 'That cannot be done while the guest runs',
    remedy: 'Stop it first: phoenix stop <id>',
  },
  {
    pattern: /bridge '[^']*' does not exist/,
    kind: 'refused',
    code: 'pve/no-such-bridge',
    summary: 'The node has no such bridge',
    remedy: 'See `ip link show type bridge` for those that it has.',
  },
  {
    pattern: /Device \S+ does not exist/,
    kind: 'refused',
    code: 'pve/no-such-device',
    summary: 'A device to hand in is not there',
    remedy: 'Is its driver loaded on the node?',
  },
  {
    pattern: /directory '[^']*' does not exist/,
    kind: 'refused',
    code: 'pve/no-such-directory',
    summary: 'A directory to mount is not there',
    remedy: 'Make it on the node first.',
  },
  {
    pattern: /Configuration file '[^']*' does not exist|unable to find configuration file for VM/,
    kind: 'refused',
    code: 'pve/no-such-guest',
    summary: 'There is no such guest',
  },
  {
    pattern: /container '\d+' not running|CT \d+ not running|VM \d+ (?:is )?not running/,
    kind: 'refused',
    code: 'pve/not-running',
    summary: 'The guest does not run',
  },
  {
    pattern: /if it's a template/,
    kind: 'refused',
    code: 'pve/is-template',
    summary: 'That cannot be done with a template',
  },
  {
    pattern: /MAX \d+ vcpus allowed per VM/,
    kind: 'refused',
    code: 'pve/too-many-cpus',
    summary: 'The VM wants more CPUs than the node has',
    remedy: 'Lower `cores` or `sockets`; their product counts.',
  },
  {
    pattern: /startup for container '\d+' failed|start failed: /,
    kind: 'refused',
    code: 'pve/start-failed',
    summary: 'The guest did not start',
    remedy:
      'A container says more with:\n  pct start <id> --debug\nA VM says why above; what was run:\n  qm showcmd <id> --pretty',
  },
  {
    pattern: /Permission check failed|please run as root|must be root/i,
    kind: 'refused',
    code: 'pve/not-root',
    summary: 'Proxmox wants root for this',
    remedy: 'Run Phoenix as root on the node.',
  },
  {
    pattern: /Unknown option: \S+/,
    kind: 'refused',
    code: 'pve/unknown-option',
    summary: 'The node does not know an option',
    remedy: 'Its Proxmox VE may be too old for it: see `pveversion`.',
  },
  {
    pattern: /Parameter verification failed/,
    kind: 'refused',
    code: 'pve/bad-parameter',
    summary: 'Proxmox does not take a value',
  },
];
