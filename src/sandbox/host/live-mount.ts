import { HostError } from '../../twin/host.ts';
import { runCommand } from '../command.ts';

/**
 * Mounts a folder or file of the node into a running container, as Proxmox does: a detached copy of
 * the mount is made here and attached in the container's mount namespace, where `target` is resolved
 * below its root. Node has no such system calls; Perl, which every Debian has, has.
 */
export async function mountLive(
  initPid: number,
  mount: {
    readonly source: string;
    readonly target: string;
    readonly isFolder: boolean;
    readonly readOnly: boolean;
    /** Host ids of the container's root: who owns what is made for `target`. */
    readonly owner: { readonly uid: number; readonly gid: number };
  },
): Promise<void> {
  const { source, target, isFolder, readOnly, owner } = mount;
  const { code, stderr } = await runCommand([
    'perl', '-e', MOUNT_PERL, String(initPid), source, target, isFolder ? '1' : '0', readOnly ? '1' : '0',
    String(owner.uid), String(owner.gid),
  ]); // prettier-ignore
  if (code !== 0) throw new HostError(stderr.trim());
}

const MOUNT_PERL = String.raw`
use strict;
my ($pid, $source, $target, $is_folder, $read_only, $uid, $gid) = @ARGV;
my ($open_tree, $move_mount, $mount_setattr) = (428, 429, 442);
my ($setns) = grep { defined } { 'x86_64' => 308, 'aarch64' => 268, 'riscv64' => 268 }->{(POSIX_machine())};
die "no setns known for this machine\n" if !defined $setns;
sub POSIX_machine { my $m = qx(uname -m); chomp $m; return $m }
my $here = -100;
# OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
my $tree = syscall($open_tree, $here, $source, 1 | 0x80000 | 0x8000);
die "open_tree '$source': $!\n" if $tree < 0;
if ($read_only) {
  my $attributes = pack('Q4', 1, 0, 0, 0);
  my $empty = '';
  # AT_EMPTY_PATH | AT_RECURSIVE
  syscall($mount_setattr, $tree, $empty, 0x1000 | 0x8000, $attributes, length $attributes) == 0
    or die "mount_setattr '$source': $!\n";
}
open(my $ns, '<', "/proc/$pid/ns/mnt") or die "container's namespace: $!\n";
syscall($setns, fileno($ns), 0x00020000) == 0 or die "setns: $!\n";
chdir '/' or die "chdir: $!\n";
my $path = '';
my @parts = grep { length } split m{/}, $target;
for my $i (0 .. $#parts) {
  $path .= "/$parts[$i]";
  next if -e $path;
  if ($is_folder || $i < $#parts) { mkdir $path, 0755 or die "mkdir '$path': $!\n" }
  else { open(my $file, '>', $path) or die "create '$path': $!\n" }
  chown $uid, $gid, $path;
}
my $empty = '';
# MOVE_MOUNT_F_EMPTY_PATH
syscall($move_mount, $tree, $empty, $here, $target, 4) == 0 or die "move_mount '$target': $!\n";
`;
