import { program } from '../program.ts';

/**
 * Keeps the lock and the journal of a node for somebody at the far end of a connection: what
 * `node-lock.ts`, `cluster-lock.ts` and `journal-files.ts` do on the node itself, with the same files.
 * It reads requests as lines of JSON and answers each with one. With the end of its input it gives
 * back what it holds and ends, so a lock lives exactly as long as the connection. Argument: the folder
 * under which the node's files are, empty on a real one.
 */
export const KEEPER_PL = program`
use strict;
use warnings;
use Errno ();
use Fcntl ();
use IO::Handle;
use JSON::PP ();
use POSIX ();
use Time::HiRes ();

my ($root) = @ARGV;
my $json = JSON::PP->new->utf8->canonical;
my $host = (POSIX::uname())[1];
my $lock_path = "$root/var/lib/phoenix/lock";
my $cluster = "$root/etc/pve/priv/lock/phoenix";
my $note = "$root/etc/pve/priv/phoenix/lock.json";
my $journal = "$root/var/lib/phoenix/journal";
my ($lock_text, $has_cluster);
my $count = 0;

my %does = (
  lock => sub { take($_[0]{purpose}) },
  release => sub { release(); return {} },
  append => sub { append($_[0]{line}); return {} },
  finish => sub { finish($_[0]{carry}); return {} },
);

$SIG{$_} = sub { release(); POSIX::_exit(1) } for qw(TERM INT HUP);
STDOUT->autoflush(1);
print $json->encode({ now => now(), uid => $> + 0 }), "\n";
my $input = '';
while (1) {
  my $bits = '';
  vec($bits, fileno(STDIN), 1) = 1;
  # A cluster's lock expires unless its holder touches it.
  my $ready = select($bits, undef, undef, 30);
  utime(undef, undef, $cluster) if $has_cluster;
  next unless $ready > 0;
  last unless sysread(STDIN, $input, 65536, length $input);
  while ($input =~ s/^([^\n]*)\n//) {
    my $request = $json->decode($1);
    my $answer = eval { $does{$request->{do}}->($request) };
    my ($error, $code) = ($@, $! + 0);
    $answer = { error => $error =~ s/ at -e line \d+.*//sr, denied => $code == Errno::EACCES() ? 1 : 0 } if $error;
    print $json->encode($answer), "\n";
  }
}
release();

sub now { return int(Time::HiRes::time() * 1000) }

sub take {
  my ($purpose) = @_;
  make_folder("$root/var/lib/phoenix", 0755);
  my $holder = take_file({ pid => $$, host => $host, since => now(), purpose => $purpose, startTime => start_time($$), boot => boot_id() });
  return { holder => $holder } if $holder;
  return {} unless -e "$root/etc/pve/corosync.conf";
  my $is_taken = eval { take_cluster() };
  if (my $error = $@) { my $code = $!; release(); $! = $code; die $error }
  unless ($is_taken) {
    my $other = read_json($note);
    release();
    return { holder => public($other || { pid => 0, host => 'another node', since => now(), purpose => 'it has just begun' }) };
  }
  $has_cluster = 1;
  make_folder("$root/etc/pve/priv/phoenix", 0700);
  replace($note, $json->encode({ pid => $$, host => $host, since => now(), purpose => $purpose }) . "\n");
  return {};
}

# Makes the lock's file whole, so that nobody sees half of it; gives who holds it otherwise.
sub take_file {
  my ($held) = @_;
  my $text = $json->encode($held) . "\n";
  my $own = "$lock_path." . unique();
  put($own, $text);
  my $holder;
  until (link($own, $lock_path)) {
    unless ($!{EEXIST}) { my $code = $!; unlink $own; $! = $code; die "$!\n" }
    my $current = slurp($lock_path);
    next unless defined $current;
    my $other = eval { $json->decode($current) };
    if (ref $other eq 'HASH' && $other->{pid} && !is_stale($other)) { $holder = public($other); last }
    remove_stale($current, $own);
  }
  unlink $own;
  $lock_text = $text unless $holder;
  return $holder;
}

# Of several who find it stale, only the one that holds the lock of the removal may remove it.
sub remove_stale {
  my ($stale, $own) = @_;
  my $removal = "$lock_path.removal";
  if (link($own, $removal)) {
    my $current = slurp($lock_path);
    unlink $lock_path if defined $current && $current eq $stale;
    unlink $removal;
    return;
  }
  my $other = read_json($removal);
  unlink $removal if $other && is_stale($other);
  Time::HiRes::sleep(0.005);
}

sub is_stale {
  my ($other) = @_;
  return 0 unless ($other->{host} || '') eq $host;
  return 1 if ($other->{boot} || '') ne '' && $other->{boot} ne boot_id();
  my $start = start_time($other->{pid} || 0);
  return !defined $start || $start ne ($other->{startTime} || '');
}

sub take_cluster {
  make_folder("$root/etc/pve/priv/lock", 0755);
  return 1 if make_lock_folder();
  my $other = read_json($note);
  # This node's own lock is held by us already, so another run of this node is over.
  if ($other && ($other->{host} || '') eq $host) { rmdir $cluster }
  elsif (is_pmxcfs()) { utime(0, 0, $cluster) }
  elsif (time - ((stat $cluster)[9] || time) > 120) { rmdir $cluster }
  return make_lock_folder();
}

sub make_lock_folder {
  return 1 if mkdir $cluster;
  die "$cluster: $!\n" unless $!{EEXIST};
  return 0;
}

# Only pmxcfs knows when a lock was last touched: asked with a time of 0 it removes one that expired.
sub is_pmxcfs {
  my $mounts = slurp('/proc/self/mounts') || '';
  return $mounts =~ m{^\S+ \Q$root\E/etc/pve fuse}m;
}

sub release {
  if ($has_cluster) {
    unlink $note;
    rmdir $cluster;
    undef $has_cluster;
  }
  return unless defined $lock_text;
  my $current = slurp($lock_path);
  unlink $lock_path if defined $current && $current eq $lock_text;
  undef $lock_text;
}

sub append {
  my ($line) = @_;
  make_folder($journal, 0700);
  utf8::encode($line);
  sysopen(my $file, "$journal/current.ndjson", Fcntl::O_WRONLY() | Fcntl::O_APPEND() | Fcntl::O_CREAT(), 0600) or die "$journal/current.ndjson: $!\n";
  give($file, "$line\n");
  close $file;
}

# What is carried on begins the next journal; the newest twenty are kept.
sub finish {
  my ($carry) = @_;
  my $current = "$journal/current.ndjson";
  my $text = slurp($current);
  if (defined $text) {
    my ($last) = $text =~ /([^\n]*)\n*\z/;
    my $run = $last =~ /^\{"at":[0-9.]+,"run":"([A-Za-z0-9._-]+)"/ && $1 ne 'current' ? $1 : 'unknown';
    # Copied, not renamed, where something is carried: a kill in between must not lose it.
    if ($carry eq '') { rename $current, "$journal/$run.ndjson" or die "$current: $!\n" }
    else { replace("$journal/$run.ndjson", $text) }
  }
  make_folder($journal, 0700);
  if ($carry ne '') { utf8::encode($carry); replace($current, $carry) }
  opendir(my $folder, $journal) or die "$journal: $!\n";
  my @names = sort grep { /\.ndjson\z/ && $_ ne 'current.ndjson' } readdir $folder;
  @names = @names > 20 ? @names[0 .. $#names - 20] : ();
  unlink "$journal/$_" for @names;
}

sub public {
  my ($held) = @_;
  return { pid => ($held->{pid} || 0) + 0, host => $held->{host}, since => ($held->{since} || 0) + 0, purpose => $held->{purpose} };
}

sub start_time {
  my ($pid) = @_;
  my $stat = slurp("/proc/$pid/stat");
  return undef unless defined $stat && $stat =~ /.*\) (.*)/s;
  return (split / /, $1)[19];
}

sub boot_id { return (slurp('/proc/sys/kernel/random/boot_id') || '') =~ s/\s+\z//r }

sub unique { return "$$." . now() . '.' . $count++ }

sub slurp {
  my ($path) = @_;
  open(my $file, '<', $path) or return undef;
  local $/;
  return scalar readline $file;
}

sub read_json {
  my ($path) = @_;
  my $value = eval { $json->decode(slurp($path)) };
  return ref $value eq 'HASH' ? $value : undef;
}

sub make_folder {
  my ($path, $mode) = @_;
  return if -d $path;
  make_folder($path =~ s{/[^/]+\z}{}r, 0755) if $path =~ m{./};
  mkdir($path, $mode) or $!{EEXIST} or die "$path: $!\n";
}

sub put {
  my ($path, $text) = @_;
  sysopen(my $file, $path, Fcntl::O_WRONLY() | Fcntl::O_CREAT() | Fcntl::O_EXCL(), 0600) or die "$path: $!\n";
  give($file, $text);
  close $file;
}

sub replace {
  my ($path, $text) = @_;
  my $beside = "$path.tmp." . unique();
  put($beside, $text);
  rename $beside, $path or die "$path: $!\n";
}

sub give {
  my ($file, $text) = @_;
  while (length $text) {
    my $written = syswrite($file, $text);
    die "$!\n" unless defined $written;
    substr($text, 0, $written, '');
  }
  $file->sync;
}`;
