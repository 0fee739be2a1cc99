import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, type PhoenixRun, ROOT, openPlace } from './open-place.ts';

/** Canaries, put together so that this file does not hold them. */
const SECRETS = ['env', 'file', 'command', 'option'].map((from) => `canary-${from}-${'7'.repeat(3)}-zebra`);
const [FROM_ENV = '', FROM_FILE = '', FROM_COMMAND = '', OPTION = ''] = SECRETS;
/** Shows that the watcher would see one of them. */
const CONTROL = 'canary-in-plain-sight';
const ENV = { MY_TOKEN: FROM_ENV, MY_OPTION: OPTION };

/** Prints all that it got, as a careless script does, and fails where it is told to. */
const SCRIPT = `#!/bin/sh
set -u
printf '%s\\n' "env $BY_ENV" "file $BY_FILE" "command $BY_COMMAND"
echo "to stderr: $BY_ENV" >&2
printf '%s|%s|%s' "$BY_ENV" "$BY_FILE" "$BY_COMMAND" >/root/got
sleep 0.5
[ -z "\${FAIL:-}" ] || { echo "failed with $BY_ENV" >&2; exit 1; }
`;

let place: Place;
const said: PhoenixRun[] = [];
const seenInProcesses = new Set<string>();
const watching = new AbortController();
let watcher: Promise<void>;

beforeAll(async () => {
  place = await openPlace('quickstart');
  const feature = join(place.config, 'features/keeper');
  await mkdir(feature, { recursive: true });
  const manifest = {
    name: 'keeper',
    description: 'Keeps.',
    kinds: ['lxc'],
    options: { key: { description: 'A key.' } },
  };
  await writeFile(join(feature, 'feature.json'), JSON.stringify(manifest));
  await writeFile(join(feature, 'check'), '#!/bin/sh\n[ "$(cat /root/key)" = "$PHOENIX_OPTION_KEY" ]\n');
  await writeFile(join(feature, 'install'), '#!/bin/sh\necho "$PHOENIX_OPTION_KEY" | tee /root/key\n');
  await writeFile(join(place.config, 'secret.txt'), `${FROM_FILE}\n`);
  await writeFile(join(place.config, 'give.sh'), `rev "${join(place.config, 'secret.rev')}"\n`);
  await writeFile(join(place.config, 'secret.rev'), [...FROM_COMMAND].toReversed().join(''));
  await writeFile(join(place.config, 'scripts/hello.sh'), SCRIPT);
  await configure({});
  watcher = watch();
});
afterAll(async () => {
  watching.abort();
  await watcher;
  await place.dispose();
});

async function configure(more: Record<string, string>): Promise<void> {
  await place.edit(({ 101: guest }) =>
    Object.assign(guest ?? {}, {
      health_checks: [],
      features: [{ name: 'keeper', options: { key: { from_env: 'MY_OPTION' } } }],
      application_script_env: {
        BY_ENV: { from_env: 'MY_TOKEN' },
        BY_FILE: { from_file: 'secret.txt' },
        BY_COMMAND: { from_command: ['sh', 'give.sh'] },
        ...more,
      },
    }),
  );
}

/** Looks at the command line of every process of the machine, guests' included, as often as it can. */
async function watch(): Promise<void> {
  while (!watching.signal.aborted) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      for (const word of [...SECRETS, CONTROL]) if (text.includes(word)) seenInProcesses.add(word);
    }
    await pause(5);
  }
}

async function phoenix(...argv: readonly string[]): Promise<PhoenixRun> {
  const run = await place.phoenix(argv, { env: ENV });
  said.push(run);
  return run;
}

const inside = (program: string) =>
  place.must('lxc-attach', '-n', '101', '--clear-env', '--', '/bin/sh', '-c', program);

test('secrets reach the script and the feature', async () => {
  await phoenix('plan', '--json', '--verbose');
  await phoenix('plan');
  const run = await phoenix('create', '101', '--verbose');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await inside('cat /root/got')).toBe([FROM_ENV, FROM_FILE, FROM_COMMAND].join('|'));
  expect(await inside('cat /root/key')).toBe(OPTION);
  expect(run.stderr).toContain('env •••');
});

test('a second run, a failing one and every other verb know them too', async () => {
  const again = await phoenix('create', '101', '--json');
  expect(again.code).toBe(0);
  await configure({ FAIL: 'yes' });
  await phoenix('plan');
  const failing = await phoenix('create', '101', '--verbose');
  expect(failing.code).toBe(1);
  expect(failing.stdout + failing.stderr).toContain('failed with •••');
  expect((await phoenix('create', '101', '--json')).code).toBe(1);
  await phoenix('status');
  await phoenix('health-check', '101');
  for (const verb of ['validate', 'list']) {
    const words = [process.execPath, join(ROOT, 'bin/phoenix'), verb, '--config', place.config, '--json'];
    said.push(await place.program(words, { env: ENV }));
  }
});

test('are in no output and in no argument', () => {
  expect(said.length).toBeGreaterThan(8);
  for (const { stdout, stderr, spawns } of said) {
    for (const secret of SECRETS) {
      expect(stdout).not.toContain(secret);
      expect(stderr).not.toContain(secret);
      expect(JSON.stringify(spawns)).not.toContain(secret);
    }
  }
});

test('are on no command line of any process, and in no environment that stays', async () => {
  await inside(`: ${CONTROL}; sleep 0.5`);
  expect([...seenInProcesses]).toEqual([CONTROL]);
  const staying: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (SECRETS.some((secret) => text.includes(secret)))
      staying.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  }
  expect(staying).toEqual([]);
});

test('are in no file of the node: journal, records, notes, logs', async () => {
  for (const secret of SECRETS) {
    const { code, stdout } = await place.run('grep', '-rlF', secret, '/etc/pve', '/var/lib/phoenix', '/var/lib/lxc', '/var/log/pve', '/run/lxc'); // prettier-ignore
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
    expect(await inside(`grep -rlF ${secret} /var/lib/phoenix /run /var/log /etc || true`)).toBe('');
  }
});

test('are in no file of a twin', async () => {
  const file = join(place.folder, 'twin.json');
  const words = ['create', '101', '--config', place.config, '--host', `twin:${file}`, '--verbose'];
  const run = await place.program([process.execPath, join(ROOT, 'bin/phoenix'), ...words], { env: ENV });
  expect(run.code, run.stderr).toBe(0);
  const text = (await readFile(file, 'utf8')) + run.stdout + run.stderr;
  for (const secret of SECRETS) expect(text).not.toContain(secret);
});
