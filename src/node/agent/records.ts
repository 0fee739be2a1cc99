import { program } from '../program.ts';
import { AGENT_LIBRARY_PL } from './library.ts';

/** Tells a guest's record from inside, by the rules of `RECORDS_SH`: no link is followed, only a plain file read. */
export const RECORD_SH = program`
cd / || exit
for part in var lib phoenix; do
  if [ -L "./$part" ]; then echo unknown; exit; fi
  if [ ! -e "./$part" ]; then echo none; exit; fi
  cd "./$part" 2>/dev/null || { echo unknown; exit; }
done
if [ -L ./record.json ]; then echo unknown; exit; fi
if [ ! -e ./record.json ]; then echo none; exit; fi
if [ ! -f ./record.json ]; then echo unknown; exit; fi
echo read
dd if=./record.json bs=65537 count=1 2>/dev/null`;

/**
 * Reads the records of VMs through their agents, in processes of their own, and tells them as an
 * observation does; one that does not answer in time is left out. Arguments: the folder of Proxmox's
 * sockets, the time in seconds, `RECORD_SH`, the vmids.
 */
export const AGENT_RECORDS_PL = `${AGENT_LIBRARY_PL}\n${program`
use POSIX ();
my ($folder, $seconds, $record_sh, @vmids) = @ARGV;
my $until = Time::HiRes::time() + $seconds;

# One process each, so that one that does not answer delays no other.
my @asked;
for my $vmid (@vmids) {
  my $place = { folder => $folder, vmid => $vmid };
  next unless is_running($place);
  pipe(my $from, my $to) or next;
  my $child = fork();
  next unless defined $child;
  if ($child == 0) {
    close $from;
    my $text = eval { record_of($place) };
    print $to $text if defined $text;
    close $to;
    POSIX::_exit(0);
  }
  close $to;
  push @asked, { vmid => $vmid, from => $from, child => $child, text => '' };
}

sub record_of {
  my ($place) = @_;
  my $agent = open_agent($place, $until - Time::HiRes::time());
  my $pid = start_shell($agent, [$record_sh]);
  my $status = finish_shell($agent, $pid, $until - Time::HiRes::time());
  return undef unless $status;
  return MIME::Base64::decode_base64($status->{'out-data'} || '');
}

while (grep { !$_->{is_over} } @asked) {
  my $left = $until + 0.1 - Time::HiRes::time();
  last if $left <= 0;
  my $bits = '';
  vec($bits, fileno($_->{from}), 1) = 1 for grep { !$_->{is_over} } @asked;
  next unless select($bits, undef, undef, $left) > 0;
  for my $one (grep { !$_->{is_over} } @asked) {
    next unless vec($bits, fileno($one->{from}), 1);
    $one->{is_over} = 1 unless sysread($one->{from}, $one->{text}, 65536, length $one->{text});
  }
}
for my $one (@asked) {
  kill KILL => $one->{child} unless $one->{is_over};
  next unless $one->{is_over} && $one->{text} =~ s/^(read|none|unknown)\n//;
  print "record\t$one->{vmid}\t$1\n";
  print map { "=\t$_\n" } split(/\n/, $one->{text}, -1) if $1 eq 'read' && length $one->{text};
}
waitpid($_->{child}, 0) for @asked;`}`;
