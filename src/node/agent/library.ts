import { program } from '../program.ts';

/**
 * What Phoenix's programs in Perl share to talk to a VM's guest agent (docs/interop/qemu-ga-ref of QEMU):
 * `open_agent` connects and synchronises, `ask` gives it one command. Both die with a hash of a `kind` -
 * `stopped`, `absent` (no agent configured), `silent`, `refused` (its policy), `failed` (the command) -
 * and `words`. QEMU serves one connection at a time and Proxmox's tools use the same socket, so a
 * connection is closed as soon as it can be, and being made to wait for one is normal.
 */
export const AGENT_LIBRARY_PL = program`
use strict;
use warnings;
use Errno ();
use IO::Handle;
use JSON::PP ();
use MIME::Base64 ();
use Socket;
use Time::HiRes ();

my $json = JSON::PP->new->utf8;

sub give_up {
  my ($kind, $words) = @_;
  die { kind => $kind, words => $words };
}

my %codes = (lost => 250, stopped => 251, absent => 252, silent => 253, refused => 254);

# Says why, in words that pve/message-table.ts knows, and ends.
sub end_with {
  my ($place, $kind, $words) = @_;
  my %says = (
    lost => "the guest agent of VM $place->{vmid} was lost while the program ran",
    stopped => "VM $place->{vmid} not running",
    absent => "No QEMU guest agent configured in VM $place->{vmid}",
    silent => "QEMU guest agent is not running in VM $place->{vmid}",
    refused => "the guest agent of VM $place->{vmid} refuses to run programs",
  );
  say_own("$says{$kind}: $words");
  exit $codes{$kind};
}

sub say_own {
  my ($words) = @_;
  print STDERR "phoenix-agent: $words\n";
}

sub nap {
  my ($seconds) = @_;
  select(undef, undef, undef, $seconds) if $seconds > 0;
}

# Does the VM run? As the observation tells it: by the process that its pid file names.
sub is_running {
  my ($place) = @_;
  open(my $file, '<', "$place->{folder}/$place->{vmid}.pid") or return 0;
  my $line = readline($file);
  return defined $line && $line =~ /^(\d+)/ && -d "/proc/$1";
}

sub connect_agent {
  my ($place, $deadline) = @_;
  my $address = pack_sockaddr_un("$place->{folder}/$place->{vmid}.qga");
  while (1) {
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or give_up('silent', "$!");
    # A queue of waiting clients that is full would block for as long as it is.
    $socket->blocking(0);
    return $socket if connect($socket, $address);
    my ($code, $words) = ($! + 0, "$!");
    give_up('stopped', 'it does not run') unless is_running($place);
    give_up('absent', 'it has no socket') if $code == Errno::ENOENT();
    give_up('silent', $words) if Time::HiRes::time() >= $deadline;
    nap(0.05);
  }
}

# Waits until the agent can be read from ('r') or written to ('w').
sub await_agent {
  my ($agent, $direction, $deadline) = @_;
  my $left = $deadline - Time::HiRes::time();
  give_up('silent', 'no answer in time') if $left <= 0;
  my $bits = '';
  vec($bits, fileno($agent->{socket}), 1) = 1;
  if ($direction eq 'r') { select($bits, undef, undef, $left) }
  else { select(undef, $bits, undef, $left) }
}

sub give_bytes {
  my ($agent, $bytes, $deadline) = @_;
  while (length $bytes) {
    my $count = syswrite($agent->{socket}, $bytes);
    if (defined $count) { substr($bytes, 0, $count, '') }
    elsif ($!{EAGAIN} || $!{EINTR}) { await_agent($agent, 'w', $deadline) }
    else { give_up('silent', "$!") }
  }
}

sub take_more {
  my ($agent, $deadline) = @_;
  my $count = sysread($agent->{socket}, $agent->{buffer}, 65536, length $agent->{buffer});
  return if $count;
  give_up('silent', 'it closed the connection') if defined $count;
  give_up('silent', "$!") unless $!{EAGAIN} || $!{EINTR};
  await_agent($agent, 'r', $deadline);
}

# No answer to what is asked here is longer.
my $longest = 4 * 1024 * 1024;

sub take_line {
  my ($agent, $deadline) = @_;
  my $end;
  until (($end = index($agent->{buffer}, "\n")) >= 0) {
    give_up('silent', 'it answered too much') if length $agent->{buffer} > $longest;
    take_more($agent, $deadline);
  }
  return substr($agent->{buffer}, 0, $end + 1, '');
}

# What an earlier client did not wait for comes first, and is passed over up to the answer that is ours.
sub open_agent {
  my ($place, $patience) = @_;
  my $deadline = Time::HiRes::time() + $patience;
  my $agent = { socket => connect_agent($place, $deadline), buffer => '' };
  my $id = int(rand(2 ** 31));
  my $sync = $json->encode({ execute => 'guest-sync-delimited', arguments => { id => $id } });
  give_bytes($agent, "\xFF$sync\n", $deadline);
  while (1) {
    until ($agent->{buffer} =~ s/^[^\xFF]*\xFF//) {
      $agent->{buffer} = '';
      take_more($agent, $deadline);
    }
    my $reply = eval { $json->decode(take_line($agent, $deadline)) };
    die $@ if ref $@;
    next unless ref $reply eq 'HASH' && defined $reply->{return} && !ref $reply->{return};
    return $agent if $reply->{return} eq $id;
  }
}

sub ask {
  my ($agent, $command, $arguments, $patience) = @_;
  my $deadline = Time::HiRes::time() + ($patience || 10);
  my $request = $json->encode({ execute => $command, arguments => $arguments });
  give_bytes($agent, "$request\n", $deadline);
  my $line = take_line($agent, $deadline);
  # Reading a long text out of JSON takes Perl far longer than getting it.
  my $long = length $line > 1024 && $line =~ s/"(buf-b64)":\s*"([A-Za-z0-9+\/=]*)"/"$1": ""/ ? $2 : undef;
  my $reply = eval { $json->decode($line) };
  give_up('silent', 'it answered what cannot be read') unless ref $reply eq 'HASH';
  if (exists $reply->{return}) {
    $reply->{return}{'buf-b64'} = $long if defined $long && ref $reply->{return} eq 'HASH';
    return $reply->{return};
  }
  my $error = ref $reply->{error} eq 'HASH' ? $reply->{error} : {};
  my $words = substr($error->{desc} || 'it did not say why', 0, 500);
  utf8::encode($words);
  $words =~ s/[\x00-\x1f\x7f]+/ /g;
  my $is_policy = ($error->{class} || '') eq 'CommandNotFound' || $words =~ /has been disabled|not allowed/;
  give_up($is_policy ? 'refused' : 'failed', $words);
}

# As 'ask', but undef where the command itself failed.
sub try_ask {
  my $answer = eval { ask(@_) };
  return $answer unless my $error = $@;
  die $error unless ref $error && $error->{kind} eq 'failed';
  return undef;
}

# What a program gets for its environment: nothing of the agent's own.
my @environment = (
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8',
);

# Starts a program of 'sh' in the guest and gives its pid. 'more' is further arguments of guest-exec.
sub start_shell {
  my ($agent, $words, %more) = @_;
  my @text = map { my $text = $_; utf8::decode($text); $text } @$words;
  my $arguments = { path => '/bin/sh', arg => ['-c', @text], env => \@environment, 'capture-output' => JSON::PP::true, %more };
  my $reply = ask($agent, 'guest-exec', $arguments);
  give_up('silent', 'it answered what cannot be read') unless ref $reply eq 'HASH' && ($reply->{pid} || '') =~ /^\d+$/;
  return $reply->{pid};
}

# Waits for the end of a program in the guest within the connection; undef where it lasts longer.
sub finish_shell {
  my ($agent, $pid, $seconds) = @_;
  my $deadline = Time::HiRes::time() + $seconds;
  while (1) {
    my $status = ask($agent, 'guest-exec-status', { pid => $pid + 0 });
    return $status if ref $status eq 'HASH' && $status->{exited};
    return undef if Time::HiRes::time() >= $deadline;
    nap(0.02);
  }
}`;
