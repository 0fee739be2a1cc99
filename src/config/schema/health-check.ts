import * as v from 'valibot';
import { key } from './key.ts';
import { anyLine, fileName, line, whole, wholeOrText } from './scalars.ts';

const argv = v.pipe(v.array(anyLine), v.minLength(1), v.metadata({ expects: 'a program and its arguments' }));

export const healthCheck = v.object({
  name: key(line('a text'), 'For people. Default: what is checked.'),
  command: key(
    v.pipe(
      v.union([line('a command', undefined, 16_384), argv]),
      v.metadata({ expects: 'a shell command, or a list of a program and its arguments' }),
    ),
    'Runs in the guest: a text goes to /bin/sh, a list is run as it is. Exit code 0 is healthy.',
    { example: ['systemctl', 'is-active', 'nginx'] },
  ),
  script: key(fileName, 'Runs in the guest: a file in `health_checks/` or `scripts/` of the folder.', {
    example: 'check_api.sh',
  }),
  args: key(
    v.pipe(v.union([anyLine, v.array(anyLine)]), v.metadata({ expects: 'a list of texts' })),
    'Arguments of `script`. A text is split at spaces.',
  ),
  http: key(
    line('a web address, or ":PORT/PATH" for the guest\'s own', /^(?:https?:\/\/\S+|:\d{1,5}(?:\/\S*)?)$/),
    'Asked from the node. ":8080/health" is that port and path on the guest\'s static address.',
    { example: ':8080/health' },
  ),
  expect_status: key(whole(100, 599), 'Status that `http` must answer. Default: any below 400.'),
  expect_body: key(line('a text'), 'A text that the answer to `http` must hold.'),
  tcp: key(
    v.pipe(
      v.union([
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
        v.pipe(v.string(), v.regex(/^(?:\S+:)?\d{1,5}$/), v.check(endsInPort, 'out-of-range')),
      ]),
      v.metadata({ expects: 'a port, or HOST:PORT' }),
    ),
    "Connected to from the node. A port alone is on the guest's static address.",
    { example: 5432 },
  ),
  retries: key(wholeOrText(1, 1000), 'How often it is tried at most. Default 3.'),
  interval: key(
    wholeOrText(0, 3600),
    'Seconds between two tries. Default 5. The same as `interval_seconds`.',
  ),
  interval_seconds: key(whole(0, 3600, 'seconds'), 'Seconds between two tries. Default 5.'),
  timeout_seconds: key(whole(1, 3600, 'seconds'), 'Limit of one try. Default 10.'),
});

export type HealthCheckConfig = v.InferOutput<typeof healthCheck>;

function endsInPort(text: string): boolean {
  const port = Number(text.slice(text.lastIndexOf(':') + 1));
  return port >= 1 && port <= 65_535;
}
