import { describe, expect, test } from 'vitest';
import { judge, judgeProgram } from '../../src/pve/messages.ts';

// Texts and exit codes as Proxmox VE 8 gave them.
const REFUSALS: readonly (readonly [number, string, string, string])[] = [
  [255, "can't lock file '/run/lock/lxc/pve-config-101.lock' - got timeout\n", 'busy', 'pve/lock-timeout'],
  [255, 'CT is locked (disk)\n', 'busy', 'pve/guest-locked'],
  [255, 'CT is locked (create)\n', 'busy', 'pve/guest-locked'],
  [255, 'VM is locked (clone)\n', 'busy', 'pve/guest-locked'],
  [5, "cfs-lock 'storage-nas' error: got lock request timeout\n", 'busy', 'pve/cluster-lock-timeout'],
  [
    255,
    'detected modified configuration - file changed by other user? Try again.\n',
    'refused',
    'pve/config-changed',
  ],
  [255, 'checksum mismatch (file change by other user?)\n', 'refused', 'pve/config-changed'],
  [255, "CT 8101 already exists on node 'vm'\n", 'refused', 'pve/vmid-taken'],
  [255, "unable to create VM 8201 - CT 8201 already exists on node 'vm'\n", 'refused', 'pve/vmid-taken'],
  [255, "unable to modify read-only option: 'unprivileged'\n", 'refused', 'pve/unprivileged-is-fixed'],
  [255, 'snapshot feature is not available\n', 'refused', 'pve/no-snapshots'],
  [
    255,
    'unable to create template, because CT contains snapshots\n',
    'refused',
    'pve/template-with-snapshots',
  ],
  [
    255,
    "base volume 'local:9/base-9-disk-0.qcow2' is still in use by linked cloned\n",
    'refused',
    'pve/base-in-use',
  ],
  [255, "can't remove CT 8101 - protection mode enabled\n", 'refused', 'pve/protected'],
  [255, 'No QEMU guest agent configured\n', 'refused', 'pve/agent-not-configured'],
  [255, 'QEMU guest agent is not running\n', 'refused', 'pve/agent-not-answering'],
  [255, "VM 8201 qmp command 'guest-exec' failed - got timeout\n", 'lost', 'pve/agent-not-answering'],
  [
    255,
    'balloon value too large (must be smaller than assigned memory)\n',
    'refused',
    'pve/balloon-too-large',
  ],
  [0, 'checksum mismatch (file change by other user?)\n', 'refused', 'pve/config-changed'],
  [0, "can't lock file '/var/lock/qemu-server/lock-8201.conf' - got timeout\n", 'busy', 'pve/lock-timeout'],
  [0, 'VM is locked (backup)\n', 'busy', 'pve/guest-locked'],
  [255, 'unable to shrink disk size\n', 'refused', 'pve/cannot-shrink'],
  [25, "storage 'nostore' does not exist\n", 'refused', 'pve/no-such-storage'],
  [1, "create storage failed: storage 'conf-nfs' is not online\n", 'refused', 'pve/storage-offline'],
  [
    255,
    "unable to create CT 8101 - volume 'local:vztmpl/missing.tar.zst' does not exist\n",
    'refused',
    'pve/no-such-template',
  ],
  [
    255,
    "unable to create CT 8101 - can't find file '/tmp/missing.tar.zst'\n",
    'refused',
    'pve/no-such-template',
  ],
  [2, 'Device /dev/nonexistent does not exist\n', 'refused', 'pve/no-such-device'],
  [
    255,
    "unable to create CT 8101 - directory '/does/not/exist' does not exist\n",
    'refused',
    'pve/no-such-directory',
  ],
  [2, "Configuration file 'nodes/vm/lxc/8109.conf' does not exist\n", 'refused', 'pve/no-such-guest'],
  [255, 'CT 8101 not running\n', 'refused', 'pve/not-running'],
  [255, "container '8101' not running!\n", 'refused', 'pve/not-running'],
  [255, "you can't start a CT if it's a template\n", 'refused', 'pve/is-template'],
  [255, "startup for container '8101' failed\n", 'refused', 'pve/start-failed'],
  [255, 'VM quit/powerdown failed - got timeout\n', 'refused', 'pve/not-shut-down'],
  [255, "unable to create VM 8202 - can't find file '/none.img'\n", 'refused', 'pve/no-such-image'],
  [2, "volume 'local:snippets/gone.yml' does not exist\n", 'refused', 'pve/no-such-snippet'],
  [2, "snapshot 'none' does not exist\n", 'refused', 'pve/no-such-snapshot'],
  [2, "parameter 'storage' not allowed for linked clones\n", 'refused', 'pve/no-linked-clone'],
  [255, "you can't convert a template to a template\n", 'refused', 'pve/is-template'],
  [25, "you can't convert a VM to template if VM is running\n", 'refused', 'pve/still-running'],
  [25, 'VM 8201 is running - destroy failed\n', 'refused', 'pve/still-running'],
  [
    255,
    "disk image '/var/lib/vz/images/8201/vm-8201-cloudinit.qcow2' already exists\n",
    'refused',
    'pve/volume-exists',
  ],
  [255, 'Unknown option: bogus\n400 unable to parse option\n', 'refused', 'pve/unknown-option'],
];

describe('judge', () => {
  test.each(REFUSALS)('exit code %i with %j is %s: %s', (rc, stderr, kind, code) => {
    const outcome = judge({ rc, stdout: '', stderr });
    expect(outcome).toMatchObject({ exitCode: rc, kind, stderr, diagnostic: { code, severity: 'error' } });
    expect(outcome.diagnostic?.detail).toBe(stderr.trim());
  });

  test('leaves the usage out of what it says', () => {
    const stderr =
      '400 Parameter verification failed.\nmemory: value must have a minimum value of 16\npct set <vmid> [OPTIONS]\n';
    expect(judge({ rc: 255, stdout: '', stderr }).diagnostic).toMatchObject({
      code: 'pve/bad-parameter',
      detail: '400 Parameter verification failed.\nmemory: value must have a minimum value of 16',
    });
  });

  test.each([
    ['shrinking disks is not supported\n', 'pve/cannot-shrink'],
    ["disk 'scsi5' does not exist\n", 'pve/no-such-disk'],
  ])('an exit code of 0 with %j is a refusal', (stderr, code) => {
    expect(judge({ rc: 0, stdout: '', stderr })).toMatchObject({ kind: 'refused', diagnostic: { code } });
  });

  test.each([
    '',
    'trying to acquire lock...\n OK\n',
    "cannot delete 'net1' - not set in current configuration!\n",
    'CT is locked (disk)\n',
  ])('an exit code of 0 with %j is done', (stderr) => {
    expect(judge({ rc: 0, stdout: 'x', stderr })).toEqual({ exitCode: 0, stdout: 'x', stderr, kind: 'done' });
  });

  test('an unknown complaint is a refusal without a diagnostic', () => {
    const end = { rc: 255, stdout: '', stderr: 'something new\n' };
    expect(judge(end)).toEqual({ exitCode: 255, stdout: '', stderr: 'something new\n', kind: 'refused' });
  });
});

describe('judgeProgram', () => {
  test.each(REFUSALS)('a program that says %i %j is not taken for Proxmox', (_, stderr) => {
    const outcome = judgeProgram({ rc: 3, stdout: '', stderr });
    expect(outcome).toEqual({ exitCode: 3, stdout: '', stderr, kind: 'refused' });
  });

  test('a container that cannot be entered does not run', () => {
    const stderr =
      'lxc-attach: 8109: ../src/lxc/attach.c: get_attach_context: 406 Connection refused - Failed to get init pid\n';
    expect(judgeProgram({ rc: 1, stdout: '', stderr }).diagnostic?.code).toBe('pve/not-running');
    expect(judgeProgram({ rc: 1, stdout: 'x', stderr }).diagnostic).toBeUndefined();
  });
});
