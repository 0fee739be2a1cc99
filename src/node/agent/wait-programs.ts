import { program } from '../program.ts';

/**
 * Waits until the agent of a VM answers (after `AGENT_LIBRARY_PL`). Arguments: the folder of Proxmox's
 * sockets, the vmid, the limit in seconds. A VM that does not run, or has no channel for an agent, is
 * not waited for.
 */
export const WAIT_AGENT_PL = program`
my ($folder, $vmid, $seconds) = @ARGV;
my $place = { folder => $folder, vmid => $vmid };
my $began = Time::HiRes::time();
my $until = $began + $seconds;
while (1) {
  my $now = Time::HiRes::time();
  my $left = $until - $now;
  my $is_well = eval { open_agent($place, $left < 3 ? $left : 3); 1 };
  exit 0 if $is_well;
  my $error = $@;
  die $error unless ref $error;
  # QEMU names its process a moment before it makes its sockets.
  my $is_early = $error->{kind} eq 'absent' && $now < $began + 2;
  my $may_come = $error->{kind} eq 'silent' || $is_early;
  end_with($place, $error->{kind}, $error->{words}) if !$may_come || Time::HiRes::time() >= $until;
  nap(0.3);
}`;

/**
 * Waits in a guest until its Cloud-Init has come to an end, and tells it as `cloud-init status --format
 * json` does, in its words and with its exit code. Argument: the limit in seconds. A version that
 * knows no JSON (before 22.4) tells only how it ended; a guest without Cloud-Init has it disabled.
 * Its own way of waiting asks four times a second, which on a slow processor takes a third of that from
 * the boot: its result is waited for, and it is asked itself only now and then, since one that died has
 * none.
 */
export const WAIT_CLOUD_INIT_SH = program`
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
if ! command -v cloud-init >/dev/null 2>&1; then
  echo '{"status": "disabled"}'
  exit 0
fi
left=$1
while [ "$left" -gt 1 ] && [ -e /run/cloud-init/enabled ] && [ ! -e /run/cloud-init/result.json ]; do
  sleep 1
  left=$((left - 1))
  [ $((left % 30)) -ne 0 ] || cloud-init status 2>/dev/null | grep -qE 'status: (running|not )' || break
done
answer=$(cloud-init status --format json 2>/dev/null)
code=$?
case $answer in
'{'*'"status": "running"'* | '{'*'"status": "not '* | '')
  timeout "$left" cloud-init status --wait >/dev/null 2>&1
  answer=$(cloud-init status --format json 2>/dev/null)
  code=$? ;;
esac
case $answer in
'{'*)
  printf '%s\n' "$answer"
  exit "$code" ;;
esac
answer=$(cloud-init status 2>/dev/null)
code=$?
for status in done error disabled; do
  case $answer in *"status: $status"*)
    echo "{\"status\": \"$status\"}"
    exit "$code" ;;
  esac
done
echo '{"status": "running"}'`;

/**
 * Prints the end of what the first serial console of a VM said: of its log where there is one, else
 * what comes in two seconds where nobody else listens. Arguments: the folder of Proxmox's sockets, the vmid.
 */
export const CONSOLE_PL = program`
use strict;
use warnings;
use IO::Handle;
use Socket;
use Time::HiRes ();
my ($folder, $vmid) = @ARGV;
my $text = '';
for my $path ("$folder/$vmid.serial0.log", "$folder/$vmid.serial0") {
  next unless -f $path && open(my $file, '<', $path);
  my $size = -s $file;
  seek($file, $size - 4096, 0) if $size > 4096;
  read($file, $text, 4096);
  last;
}
if ($text eq '' && -S "$folder/$vmid.serial0") {
  socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or exit;
  $socket->blocking(0);
  connect($socket, pack_sockaddr_un("$folder/$vmid.serial0")) or exit;
  my $until = Time::HiRes::time() + 2;
  while ((my $left = $until - Time::HiRes::time()) > 0) {
    my $bits = '';
    vec($bits, fileno($socket), 1) = 1;
    next unless select($bits, undef, undef, $left) > 0;
    sysread($socket, $text, 65536, length $text) or last;
    substr($text, 0, -4096, '') if length $text > 4096;
  }
}
print $text;`;
