import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, operationsOf, resultsOf } from './events.ts';
import { type Place, openPlace } from './open-place.ts';
import { randomNumbers } from './random-numbers.ts';

/** Reruns the same moments: `PHOENIX_TEST_SEED=… npm run test:e2e`. */
const SEED = Number(process.env['PHOENIX_TEST_SEED'] ?? Date.now() % 1_000_000);

let place: Place;
/** How many operations a converge from nothing starts, waits and checks included, and how long it takes. */
let whole = { operations: 0, milliseconds: 0 };

beforeAll(async () => {
  place = await openPlace('golden');
  // The same shape as the example's, without what only takes time.
  await place.edit(({ 900: base, 911: web, 912: store }) => {
    Object.assign(base ?? {}, { features: [{ name: 'motd', options: { text: 'golden' } }] });
    Object.assign(web ?? {}, { health_checks: [{ command: ['test', '-s', '/srv/site/index.html'] }] });
    Object.assign(store ?? {}, { health_checks: [{ command: ['mountpoint', '-q', '/data'] }] });
  });
  await rewrite('scripts/store.sh', '#!/bin/sh\nset -eu\n[ -e /data/value ] || echo kept >/data/value\n');
  await rewrite('scripts/web.sh', '#!/bin/sh\nset -eu\nhostname >/srv/site/index.html\n');
  const began = Date.now();
  const run = await converge();
  expect(run.code, run.stderr).toBe(0);
  whole = { operations: startedIn(run.stdout), milliseconds: Date.now() - began };
  await expectConverged();
});
afterAll(() => place.dispose());

describe('the next plain run finishes what a killed one began', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('at operation %i of 10, spread over all', async (nth) => {
    await deleteAll();
    const at = Math.round(((nth + 0.5) * whole.operations) / 10.5);
    // Every other time the operation gets the time to begin on the node; it goes on without Phoenix.
    const { code, stdout } = await killedConverge({
      when: (seen) => startedIn(seen) >= at,
      kill: async (phoenix) => {
        if (nth % 2 === 0) await pause(80);
        phoenix();
      },
    });
    expect(code).toBe(KILLED);
    expect(startedIn(stdout)).toBeGreaterThanOrEqual(at);
    await expectFinishedByPlainRun();
  });

  const random = randomNumbers(SEED);
  const moments = Array.from({ length: 5 }, () => random());
  test.each(moments)(`at the moment %f of the whole time (seed ${SEED})`, async (moment) => {
    await deleteAll();
    await killedConverge({ afterMs: moment * whole.milliseconds });
    await expectFinishedByPlainRun();
  });

  test.each(['pct create 900', 'pct start 900', 'pct snapshot 900', 'pct clone 900 912'])(
    'in the middle of %s, which is killed too',
    async (command) => {
      await deleteAll();
      const { code } = await killedConverge({
        when: (seen) => isRunning(seen, command),
        kill: async (phoenix) => {
          const tools = await runningTools();
          phoenix();
          for (const pid of tools) killTool(pid);
        },
      });
      expect(code).toBe(KILLED);
      await expectFinishedByPlainRun();
    },
  );
});

const KILLED = 137;

async function converge() {
  return await place.phoenix(['converge', 'all', '--json']);
}

async function deleteAll(): Promise<void> {
  const { code, stderr } = await place.phoenix(['delete', 'all', '--yes', '--cascade']);
  expect(code, stderr).toBe(0);
  expect(await place.must('pct', 'list')).toBe('');
  expect(await volumes()).toEqual([]);
  await place.must('rm', '-f', '/srv/golden/site/index.html');
}

async function expectFinishedByPlainRun(): Promise<void> {
  const next = await converge();
  expect(next.code, next.stdout + next.stderr).toBe(0);
  await expectConverged();
}

/** Looks at the node itself: every guest once, every volume referenced once, nothing begun and left. */
async function expectConverged(): Promise<void> {
  const again = await converge();
  expect(again.code, again.stdout).toBe(0);
  expect(operationsOf(again.stdout)).toEqual([]);
  expect(resultsOf(again.stdout)).toEqual({ 900: 'unchanged', 911: 'unchanged', 912: 'unchanged' });

  const list = (await place.must('pct', 'list')).split('\n').slice(1).map((line) => line.split(/\s+/).slice(0, 3)); // prettier-ignore
  expect(list.map((words) => words.filter(Boolean).join(' '))).toEqual([
    '900 stopped base',
    '911 running web',
    '912 running store',
  ]);
  const used: string[] = [];
  for (const vmid of [900, 911, 912]) {
    const [head = ''] = (await place.must('cat', `/etc/pve/lxc/${vmid}.conf`)).split('\n[');
    expect(head).not.toMatch(/^(lock|unused\d+|parent: (?!final-form))/m);
    const paths = [...head.matchAll(/,mp=([^,\n]+)/g)].map(([, path]) => path);
    expect(paths).toEqual({ 900: [], 911: ['/srv/site'], 912: ['/data'] }[vmid]);
    used.push(...[...head.matchAll(/^(?:rootfs|mp\d+): (local-btrfs:[^,]+)/gm)].map(([, id]) => id ?? ''));
  }
  expect(await volumes()).toEqual(used.toSorted());
  expect(await place.must('pct', 'listsnapshot', '900')).toMatch(/^`-> final-form .*\n.*`-> current/);
  expect(await place.must('ls', '/etc/pve/priv/phoenix')).toBe('900.json\n911.json\n912.json');
  expect(await place.must('ls', '-A', '/var/lib/phoenix/journal')).not.toContain('current');
  expect(await inside(911, 'cat', '/srv/site/index.html')).toBe('web');
  expect(await inside(911, 'cat', '/etc/motd')).toBe('This is web.');
  expect(await inside(912, 'cat', '/data/value')).toBe('kept');
}

function inside(vmid: number, ...argv: readonly string[]): Promise<string> {
  return place.must('lxc-attach', '-n', String(vmid), '--clear-env', '--', ...argv);
}

/** The volumes of all guests, as the storage knows them. */
async function volumes(): Promise<string[]> {
  const text = await place.must('pvesm', 'list', 'local-btrfs');
  return text.split('\n').slice(1).map((line) => line.split(/\s+/)[0] ?? '').toSorted(); // prettier-ignore
}

/** A converge that is killed by SIGKILL after a time, or by `kill` once `when` says so of its output. */
async function killedConverge(how: {
  readonly afterMs?: number;
  readonly when?: (stdout: string) => boolean;
  readonly kill?: (phoenix: () => void) => Promise<void>;
}) {
  let seen = '';
  let timer: NodeJS.Timeout | undefined;
  let killing: Promise<void> | undefined;
  const run = await place.phoenix(['converge', 'all', '--json'], {
    onStart: (phoenix) => {
      if (how.afterMs !== undefined) timer = setTimeout(phoenix, how.afterMs);
    },
    onStdout: (text, phoenix) => {
      seen += text;
      if (killing === undefined && how.when?.(seen)) killing = how.kill?.(phoenix);
    },
  });
  clearTimeout(timer);
  await killing;
  return run;
}

/** Is the command the last that was started? */
function isRunning(stdout: string, command: string): boolean {
  return operationsOf(stdout).at(-1)?.command.startsWith(command) === true;
}

/** The processes of the sandbox's `pct` and its fellows, once there are any. */
async function runningTools(): Promise<readonly number[]> {
  const list = 'cat "$(sed \'s/.*"toolGroup":"\\([^"]*\\)".*/\\1/\' /run/phoenix-sandbox/settings.json)"';
  for (let tries = 0; tries < 100; tries += 1) {
    const pids = (await place.must('sh', '-c', list)).split('\n').filter(Boolean).map(Number);
    if (pids.length > 0) return pids;
  }
  throw new Error('no tool was running');
}

/** Kills a tool, unless it has ended since it was listed. */
function killTool(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function startedIn(stdout: string): number {
  return eventsOf(stdout).filter(({ event }) => event === 'operation-start').length;
}

async function rewrite(path: string, text: string): Promise<void> {
  await writeFile(join(place.config, path), text);
}
