import { program } from '../program.ts';

/**
 * Runs a command in a VM through its guest agent as if it ran here (after `AGENT_LIBRARY_PL`): input
 * goes to it and output comes from it as they come, its exit code is given, for a signal 128 and its
 * number; when it is interrupted, what it started in the guest is ended. Arguments: the folder of
 * Proxmox's sockets, the vmid, `AGENT_RUN_SH`, `STOP_SH`, the command. What it says itself begins with
 * `phoenix-agent: ` and comes with an exit code of its own (pve/messages.ts).
 */
export const AGENT_RUN_PL = program`
my ($folder, $vmid, $run_sh, $stop_sh, @command) = @ARGV;
my $place = { folder => $folder, vmid => $vmid };

# An agent that was asked for its turn is waited for so long, one that answered before for longer.
my $patience = 10;
my $patience_while_running = 60;
# So long a connection is kept at most: Proxmox's own tools wait for it.
my $hold = 0.5;
my $chunk = 45_000;
my $segment = 4 * 1024 * 1024;
my $most_at_once = 1024 * 1024;

my $signal;
$SIG{$_} = sub { $signal ||= shift } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';
binmode $_ for *STDIN, *STDOUT, *STDERR;

my $nonce = do {
  open(my $file, '<', '/proc/sys/kernel/random/uuid') or die "$!\n";
  my $line = readline($file);
  chomp $line;
  $line;
};
my $home = "/run/phoenix/agent-$nonce";
my ($pid, $is_asked, $ended, $code, $waits_since);
my $refusals = 0;
my $input = { bytes => '', is_over => 0, is_given => 0, number => 0, size => 0, handle => undef };
my @streams = map { { %$_, number => 0, offset => 0, handle => undef, bytes => '' } }
  { name => 'out', to => *STDOUT }, { name => 'err', to => *STDERR };

# A short input goes along with the order; a longer or slower one follows it.
my $until = Time::HiRes::time() + $hold;
until ($input->{is_over} || length $input->{bytes} > $chunk || $input->{is_late}) {
  take_input(0.3);
  last if Time::HiRes::time() >= $until;
}
my $pause = 0.05;
until (defined $code) {
  end_early() if $signal;
  my $is_well = eval { talk(); 1 };
  trouble($@) unless $is_well;
  put_output();
  last if defined $code;
  take_input($pause);
}
exit $code;

# Everything that is done in one connection.
sub talk {
  my $until = Time::HiRes::time() + (defined $pid ? 0 : $hold);
  my $agent = open_agent($place, $patience);
  undef $waits_since;
  begin($agent) unless defined $pid;
  while (1) {
    my $has_moved = look($agent);
    $pause = $has_moved ? 0.05 : $pause < 0.5 ? $pause * 1.5 : 0.5;
    return if defined $code || $signal || Time::HiRes::time() >= $until;
    nap(0.02);
  }
}

sub begin {
  my ($agent) = @_;
  my $is_fed = !$input->{is_over};
  my %more = (env => [@environment, "PHOENIX_AGENT=$nonce"]);
  $more{'input-data'} = MIME::Base64::encode_base64($input->{bytes}, '') if !$is_fed && length $input->{bytes};
  $is_asked = 1;
  my $began = eval { start_shell($agent, [$run_sh, 'phoenix-agent', $nonce, $is_fed ? 'feed' : 'own', @command], %more) };
  if (my $error = $@) {
    # An answer that says no is sure; no answer is not.
    $is_asked = 0 if ref $error && $error->{kind} =~ /^(?:refused|failed)$/;
    die $error;
  }
  $pid = $began;
  $input->{is_given} = 1 unless $is_fed;
}

# One look at the program; true where something came or went.
sub look {
  my ($agent) = @_;
  my $has_moved = give_input($agent);
  # Of an end it tells once.
  my $status = $ended || try_ask($agent, 'guest-exec-status', { pid => $pid + 0 });
  my $is_over = ref $status eq 'HASH' && $status->{exited};
  $ended = $status if $is_over;
  # An agent that was started anew does not know what its predecessor began.
  my $found = $is_over ? undef : !defined $status ? what_was_left($agent) : undef;
  for my $stream (@streams) { $has_moved = 1 if take_output($agent, $stream) }
  return $has_moved unless $is_over || defined $found;
  # More may be waiting than is taken at once.
  return 1 if grep { length $_->{bytes} > $most_at_once } @streams;
  my $end = defined $found ? $found : defined $status->{signal} ? 128 + $status->{signal} : $status->{exitcode} || 0;
  print STDERR MIME::Base64::decode_base64($status->{'err-data'}) if $is_over && $status->{'err-data'};
  my $cut = open_file($agent, "$home/cut", 'r');
  say_own('some of the output is missing: /run of the guest is full') if defined $cut;
  close_file($agent, $_) for grep { defined } $cut, $input->{handle}, map { ($_->{handle}, $_->{next}) } @streams;
  remove_home($agent);
  $code = $end;
  return 1;
}

# The exit code that the program left, or undef while it lives.
sub what_was_left {
  my ($agent) = @_;
  my $handle = open_file($agent, "$home/code", 'r');
  if (defined $handle) {
    my $text = read_file($agent, $handle);
    return $1 if defined $text && $text =~ /^(\d+)$/m;
  }
  # After a restart of the whole system the number may be another's.
  my $probe = start_shell($agent, ['[ -d "$0" ] && kill -0 "$1"', $home, $pid]);
  my $status = finish_shell($agent, $probe, 5);
  return undef unless $status && $status->{exitcode};
  give_up('gone', 'it ended together with the agent, or with the whole system');
}

sub open_file {
  my ($agent, $path, $mode) = @_;
  return try_ask($agent, 'guest-file-open', { path => $path, mode => $mode });
}

sub close_file {
  my ($agent, $handle) = @_;
  try_ask($agent, 'guest-file-close', { handle => $handle });
}

# The next bytes of an open file; undef where the handle is of an earlier agent.
sub read_file {
  my ($agent, $handle) = @_;
  my $reply = try_ask($agent, 'guest-file-read', { handle => $handle, count => $chunk });
  return ref $reply eq 'HASH' ? MIME::Base64::decode_base64($reply->{'buf-b64'} || '') : undef;
}

sub take_output {
  my ($agent, $stream) = @_;
  my $has_moved = 0;
  while (length $stream->{bytes} <= $most_at_once) {
    my $is_new = !defined $stream->{handle};
    if ($is_new) {
      $stream->{handle} = open_file($agent, "$home/$stream->{name}.$stream->{number}", 'r');
      return $has_moved unless defined $stream->{handle};
      seek_file($agent, $stream) if $stream->{offset};
    }
    my $bytes = read_file($agent, $stream->{handle});
    if (!defined $bytes) {
      undef $stream->{handle};
      return $has_moved if $is_new;
      next;
    }
    if (length $bytes) {
      $stream->{bytes} .= $bytes;
      $stream->{offset} += length $bytes;
      $has_moved = 1;
      # Its last bytes may have come before the next was made: it is read to its end again.
      next if length $bytes == $chunk || defined $stream->{next};
    }
    return $has_moved unless $stream->{offset};
    if (defined $stream->{next}) { turn_over($agent, $stream); next }
    $stream->{next} = open_file($agent, "$home/$stream->{name}." . ($stream->{number} + 1), 'r');
    return $has_moved unless defined $stream->{next};
  }
  return $has_moved;
}

sub seek_file {
  my ($agent, $stream) = @_;
  ask($agent, 'guest-file-seek', { handle => $stream->{handle}, offset => $stream->{offset}, whence => 'set' });
}

# Empties a file that was read to its end, so that the next but one may be filled.
sub turn_over {
  my ($agent, $stream) = @_;
  close_file($agent, $stream->{handle});
  my $emptied = open_file($agent, "$home/$stream->{name}.$stream->{number}", 'w');
  close_file($agent, $emptied) if defined $emptied;
  $stream->{number}++;
  $stream->{offset} = 0;
  $stream->{handle} = delete $stream->{next};
}

# Output waits until the connection is closed: whoever reads it may take his time.
sub put_output {
  for my $stream (@streams) {
    while (length $stream->{bytes}) {
      my $count = syswrite($stream->{to}, $stream->{bytes});
      if (defined $count) { substr($stream->{bytes}, 0, $count, '') }
      elsif ($!{EPIPE}) { $signal ||= 'PIPE'; $stream->{bytes} = '' }
      elsif ($!{EAGAIN}) { nap(0.05) }
      elsif (!$!{EINTR}) { $stream->{bytes} = '' }
      return if $signal;
    }
  }
}

# Waits for input, or merely waits where there is none to come.
sub take_input {
  my ($seconds) = @_;
  return if $signal;
  return nap($seconds) if $input->{is_over} || length $input->{bytes} > $most_at_once;
  my $bits = '';
  vec($bits, fileno(STDIN), 1) = 1;
  my $count = select($bits, undef, undef, $seconds);
  if ($count < 1) { $input->{is_late} = 1; return }
  my $got = sysread(STDIN, $input->{bytes}, 65536, length $input->{bytes});
  $input->{is_over} = 1 unless $got || (!defined $got && ($!{EINTR} || $!{EAGAIN}));
}

# Passes on the input that has come; true where some has.
sub give_input {
  my ($agent) = @_;
  return 0 if $input->{is_given};
  my $has_moved = 0;
  while (1) {
    unless (defined $input->{handle}) {
      my $before = $input->{number} - 2;
      if ($before >= 0) {
        my $unread = open_file($agent, "$home/in.$before", 'r');
        if (defined $unread) { close_file($agent, $unread); return $has_moved }
      }
      $input->{handle} = open_file($agent, "$home/in.$input->{number}", 'a');
      return $has_moved unless defined $input->{handle};
    }
    my $wrote = 0;
    while (length $input->{bytes} && $input->{size} < $segment) {
      my $bytes = substr($input->{bytes}, 0, $chunk, '');
      my $text = MIME::Base64::encode_base64($bytes, '');
      ask($agent, 'guest-file-write', { handle => $input->{handle}, 'buf-b64' => $text });
      $input->{size} += length $bytes;
      $wrote = $has_moved = 1;
    }
    ask($agent, 'guest-file-flush', { handle => $input->{handle} }) if $wrote;
    if (length $input->{bytes}) {
      close_file($agent, $input->{handle});
      undef $input->{handle};
      $input->{number}++;
      $input->{size} = 0;
      next;
    }
    return $has_moved unless $input->{is_over};
    close_file($agent, $input->{handle});
    my $end = open_file($agent, "$home/in.end", 'w');
    close_file($agent, $end) if defined $end;
    $input->{is_given} = 1;
    return 1;
  }
}

sub remove_home {
  my ($agent) = @_;
  my $remover = start_shell($agent, ['rm -rf -- "$0"', $home]);
  finish_shell($agent, $remover, 2);
}

# Ends what was started in the guest, as far as it can be reached.
sub end_there {
  eval {
    my $agent = open_agent($place, $patience);
    my $stopper = start_shell($agent, [$stop_sh, 'phoenix-stop', "PHOENIX_AGENT=$nonce"]);
    undef $agent;
    my $until = Time::HiRes::time() + 12;
    while (Time::HiRes::time() < $until) {
      $agent = open_agent($place, $patience);
      last if finish_shell($agent, $stopper, 0.2);
      undef $agent;
      nap(0.2);
    }
    remove_home($agent || open_agent($place, $patience));
  };
}

# Ends what was started, then ourselves by the signal that asked for it.
sub end_early {
  end_there() if $is_asked;
  $SIG{$signal} = 'DEFAULT';
  kill $signal, $$;
  nap(1);
  exit 130;
}

# Goes on where it may pass; says what it is and ends otherwise.
sub trouble {
  my ($error) = @_;
  die $error unless ref $error;
  return if $signal;
  my $kind = $error->{kind};
  if ($kind eq 'failed' && !defined $pid) {
    say_own("the program cannot be started in VM $vmid: $error->{words}");
    exit 126;
  }
  my $now = Time::HiRes::time();
  $waits_since ||= $now;
  # It may have thawed since it refused, so a refusal counts the second time.
  my $is_frozen = $kind eq 'refused' && (is_frozen() || !$refusals++);
  my $may_pass = $kind eq 'silent' || $kind eq 'refused' || $kind eq 'absent';
  if ($is_frozen || (defined $pid && $may_pass)) {
    return if $now - $waits_since < $patience_while_running;
  }
  put_output();
  # It gets no more input, or is not heard any longer.
  end_there() if $kind eq 'failed';
  $kind = 'lost' if $is_asked && $kind ne 'refused';
  end_with($place, $kind, $error->{words});
}

# While a backup has the guest's filesystems frozen, its agent refuses nearly everything.
sub is_frozen {
  my $status = eval { ask(open_agent($place, $patience), 'guest-fsfreeze-status', {}) };
  return defined $status && $status eq 'frozen';
}`;
