import type { Probe } from '../model/operation.ts';

export type NetworkProbe = Extract<Probe, { readonly kind: 'http' | 'tcp' }>;

/**
 * The command that asks a service over the network, from the machine's own network. Exit code 0: it
 * answered as expected; 1: it did not, with the reason on stderr. Without `expectStatus` any status
 * below 400 will do. A certificate is not verified: the question is whether it answers, not who it is.
 */
export function networkCheckArgv(nodePath: string, probe: NetworkProbe, timeoutMs: number): string[] {
  return [nodePath, '-e', CHECK_JS, '--', JSON.stringify({ ...probe, timeoutMs })];
}

const CHECK_JS = String.raw`
const probe = JSON.parse(process.argv[1]);
const fail = (why) => { process.stderr.write(why + '\n'); process.exit(1); };
setTimeout(() => fail('no answer in ' + probe.timeoutMs + ' ms'), probe.timeoutMs);
if (probe.kind === 'tcp') {
  const socket = require('node:net').connect(probe.port, probe.host);
  socket.on('connect', () => process.exit(0));
  socket.on('error', (error) => fail(error.message || error.code));
} else {
  let url;
  try { url = new URL(probe.url); } catch { fail('not a URL'); }
  if (!/^https?:$/.test(url.protocol)) fail('neither http nor https');
  const options = { rejectUnauthorized: false, headers: { 'user-agent': 'phoenix' } };
  const client = require(url.protocol === 'https:' ? 'node:https' : 'node:http');
  client.get(url, options, (response) => {
    const { statusCode } = response;
    const isExpected = probe.expectStatus === undefined ? statusCode < 400 : statusCode === probe.expectStatus;
    if (!isExpected) fail('status ' + statusCode + (probe.expectStatus ? ', not ' + probe.expectStatus : ''));
    process.stdout.write('status ' + statusCode + '\n');
    if (probe.expectBody === undefined) process.exit(0);
    let body = '';
    response.setEncoding('utf8');
    const judge = () => {
      if (body.includes(probe.expectBody)) process.exit(0);
    };
    response.on('data', (chunk) => {
      body += chunk;
      judge();
      if (body.length > 4 * 1024 * 1024) fail('the expected text is not in the first 4 MiB');
    });
    response.on('end', () => { judge(); fail('the answer does not hold the expected text'); });
  }).on('error', (error) => fail(error.message || error.code));
}`;
