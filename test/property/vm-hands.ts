import fc from 'fast-check';
import type { Deed } from './hands.ts';

const ours = fc.integer({ min: 230, max: 233 }).map(String);
const clones = fc.integer({ min: 231, max: 233 }).map(String);
const theirs = fc.integer({ min: 310, max: 311 }).map(String);

/** What people do to VMs by hand, as command lines; some of them will be refused, as in life. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.tuple(ours, fc.constantFrom('600', '2000')).map(([id, size]) => ['qm', 'set', id, '--memory', size]),
  ours.map((id) => ['qm', 'set', id, '--cores', '3', '--onboot', '1']),
  ours.map((id) => ['qm', 'set', id, '--cpu', 'kvm64', '--numa', '1']),
  ours.map((id) => ['qm', 'set', id, '--tags', 'by-hand', '--name', 'by-hand']),
  ours.map((id) => ['qm', 'set', id, '--agent', '0']),
  ours.map((id) => ['qm', 'set', id, '--boot', 'order=net0']),
  ours.map((id) => ['qm', 'set', id, '--delete', 'tags,cores']),
  ours.map((id) => ['qm', 'set', id, '--net7', 'virtio=52:54:00:FF:FF:07,bridge=vmbr0']),
  ours.map((id) => ['qm', 'set', id, '--scsi7', 'local-btrfs:1']),
  ours.map((id) => ['qm', 'set', id, '--serial1', 'socket']),
  ours.map((id) => ['qm', 'set', id, '--delete', 'scsi1']),
  ours.map((id) => ['qm', 'set', id, '--delete', 'net1']),
  ours.map((id) => ['qm', 'set', id, '--net0', 'virtio,bridge=vmbr0']),
  ours.map((id) => ['qm', 'set', id, '--protection', '0', '--sockets', '2']),
  ours.map((id) => ['qm', 'start', id]),
  ours.map((id) => ['qm', 'stop', id]),
  ours.map((id) => ['qm', 'shutdown', id, '--timeout', '60']),
  clones.map((id) => ['qm', 'snapshot', id, 'by_hand']),
  theirs.map((id) => ['qm', 'create', id, '--name', 'theirs', '--scsi0', 'local:1', '--memory', '512']),
  theirs.map((id) => ['qm', 'start', id]),
  theirs.map((id) => ['qm', 'set', id, '--scsi1', 'local:1']),
);

export const machineDeeds: fc.Arbitrary<readonly Deed[]> = fc.array(deed, { maxLength: 8 });
