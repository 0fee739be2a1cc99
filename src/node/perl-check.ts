import type { NetworkProbe } from './network-check.ts';
import { program } from './program.ts';

/**
 * The command that asks a service over the network from a node that need have no Node.js: every
 * Proxmox host has Perl with `HTTP::Tiny` and, for its own web interface, `IO::Socket::SSL`. It answers
 * as `askOverNetwork` does.
 */
export function perlCheckArgv(probe: NetworkProbe, timeoutMs: number): string[] {
  const seconds = String(timeoutMs / 1000);
  const words =
    probe.kind === 'tcp'
      ? ['tcp', probe.host, String(probe.port)]
      : ['http', probe.url, String(probe.expectStatus ?? ''), probe.expectBody ?? ''];
  return ['perl', '-e', CHECK_PL, '--', seconds, ...words];
}

const CHECK_PL = program`
use strict;
use warnings;
my ($seconds, $kind, @words) = @ARGV;

sub fail {
  print STDERR "@_\n";
  exit 1;
}

$SIG{ALRM} = sub { fail('no answer in ' . $seconds * 1000 . ' ms') };
require Time::HiRes;
Time::HiRes::alarm($seconds);

if ($kind eq 'tcp') {
  require IO::Socket::IP;
  my ($host, $port) = @words;
  IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => IO::Socket::IP::SOCK_STREAM()) or fail($@ || "$!");
  exit 0;
}

require HTTP::Tiny;
my ($url, $expect_status, $expect_body) = @words;
if ($url =~ /^https:/i && !eval { require IO::Socket::SSL; 1 }) {
  fail('the node cannot ask over HTTPS: apt install libio-socket-ssl-perl');
}
my ($body, $status) = ('', 0);
my $longest = 4 * 1024 * 1024;
my $is_found = sub { $expect_body eq '' || index($body, $expect_body) >= 0 };
my $is_expected = sub { $expect_status eq '' ? $status < 400 : $status == $expect_status };
# The question is whether it answers, not who it is; no redirection is followed.
my $http = HTTP::Tiny->new(agent => 'phoenix', verify_SSL => 0, max_redirect => 0, timeout => $seconds);
my $answer = $http->get($url, {
  data_callback => sub {
    my ($chunk, $head) = @_;
    $status = $head->{status};
    $body .= $chunk;
    die "enough\n" if !$is_expected->() || $is_found->() || length $body > $longest;
  },
});
if (!$status && $answer->{status} == 599) {
  my $why = $answer->{content};
  $why =~ s/\s+$//;
  fail($why);
}
$status ||= $answer->{status};
# Only what a success sends comes in pieces.
$body = $answer->{content} if $body eq '' && defined $answer->{content};
fail("status $status" . ($expect_status eq '' ? '' : ", not $expect_status")) unless $is_expected->();
if ($is_found->()) {
  print "status $status\n";
  exit 0;
}
fail(length $body > $longest ? 'the expected text is not in the first 4 MiB' : 'the answer does not hold the expected text');`;
