import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationsOf, resultsOf } from './events.ts';
import { type Place, type PhoenixRun, ROOT, fetchInside, openPlace, succeeded } from './open-place.ts';
import { startSshd, type Sshd } from './sshd.ts';

/* The other machine is the sandbox: its own files, processes' view and network, and an sshd in it. */
let place: Place;
let sshd: Sshd;
let network: readonly string[];
beforeAll(async () => {
  place = await openPlace('quickstart');
  // Only makes the sandbox, with what the folder expects of its node.
  succeeded(['plan'], await place.phoenix(['plan']));
  await place.must('mkdir', '-p', '/run/sshd');
  const enter = await place.enter();
  network = [...enter.slice(0, 3), '--net', '--'];
  sshd = await startSshd(enter);
});
afterAll(async () => {
  sshd.close();
  await place.dispose();
});

/** Runs Phoenix on this machine's own files, as from a desk; `cutAt` sees what it tells and pulls the cable. */
async function fromAfar(
  argv: readonly string[],
  cutAt: (stdout: string) => boolean = () => false,
): Promise<PhoenixRun> {
  let stdout = '';
  let isCut = false;
  const host = `ssh://root@127.0.0.1:${sshd.port}`;
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const words = [
    join(ROOT, 'bin/phoenix'),
    ...own,
    '--config',
    place.config,
    '--host',
    host,
    ...argv.slice(own.length),
  ];
  return await place.program([...network, process.execPath, ...words], {
    env: { PATH: `${sshd.path}:${place.env['PATH'] ?? ''}` },
    onStdout: (text) => {
      stdout += text;
      if (isCut || !cutAt(stdout)) return;
      isCut = true;
      sshd.cut();
    },
  });
}

/** Has an operation like this begun? */
const begins = (pattern: RegExp) => (stdout: string) =>
  operationsOf(stdout).some(({ command }) => pattern.test(command));

test('a connection that is cut in the middle of an operation ends the run, and says so', async () => {
  for (const pattern of [/^pct create/, /base_setup|hello\.sh/]) {
    const run = await fromAfar(['create', '101', '--json'], begins(pattern));
    expect(run.code).toBe(69);
    expect(run.stdout + run.stderr).toContain('The connection to the node was lost');
  }
});

test('the next run finishes it', async () => {
  const run = await fromAfar(['create', '101', '--json']);
  expect(run.code, run.stdout.slice(-3000) + run.stderr).toBe(0);
  expect(resultsOf(run.stdout)).toEqual({ 101: 'changed' });
  expect(await place.must('pct', 'list')).toMatch(/^101\s+running\s+hello\s*$/m);
  expect(await fetchInside(place, 'http://10.99.0.101:8080/')).toContain('<p>Hello from container 101</p>');
});

test('a run after it changes nothing, and every process that it starts is ssh', async () => {
  const run = await fromAfar(['create', '101', '--json']);
  expect(run.code, run.stderr).toBe(0);
  expect(operationsOf(run.stdout)).toEqual([]);
  expect(resultsOf(run.stdout)).toEqual({ 101: 'unchanged' });
  expect(new Set(run.spawns.map(([file]) => file))).toEqual(new Set(['ssh']));
});

test('other verbs reach it as well', async () => {
  expect((await fromAfar(['status'])).stdout).toMatch(/101\s+hello/);
  const end = await fromAfar(['exec', '101', '--', 'sh', '-c', 'hostname; exit 5']);
  expect(end).toMatchObject({ code: 5, stdout: 'hello\n' });
  expect((await fromAfar(['node', '--', 'pct', 'list'])).stdout).toMatch(/^101\s+running/m);
});

test('nothing is left of it there but the journal', async () => {
  expect(await place.must('sh', '-c', 'ls /var/lib/phoenix')).toBe('journal');
  expect(await place.must('sh', '-c', 'ls /run/phoenix 2>/dev/null | grep -v ^lock$ || true')).toBe('');
});
