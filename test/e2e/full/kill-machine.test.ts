import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, operationsOf, resultsOf } from '../events.ts';
import { inMachine } from '../in-machine.ts';
import { type Place, openPlace } from '../open-place.ts';
import { randomNumbers } from '../random-numbers.ts';

/** Reruns the same moments: `PHOENIX_TEST_SEED=… npm run test:e2e:full`. */
const SEED = Number(process.env['PHOENIX_TEST_SEED'] ?? Date.now() % 1_000_000);

let place: Place;
/** How many operations a clone takes from nothing, waits and checks included, and how long. */
let whole = { operations: 0, milliseconds: 0 };

beforeAll(async () => {
  place = await openPlace('quickstart-vm');
  const golden = await place.phoenix(['create', '900', '--json']);
  expect(golden.code, golden.stdout + golden.stderr).toBe(0);
  const began = Date.now();
  const run = await create();
  expect(run.code, run.stdout + run.stderr).toBe(0);
  whole = { operations: startedIn(run.stdout), milliseconds: Date.now() - began };
  await expectWhole();
}, 3_600_000);
afterAll(() => place.dispose());

describe('the next plain run finishes what a killed one began', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'at operation %i of 10, spread over all',
    async (nth) => {
      await remove();
      const at = Math.round(((nth + 0.5) * whole.operations) / 10.5);
      let seen = '';
      const { code } = await place.phoenix(['create', '102', '--json'], {
        onStdout: (text, kill) => {
          seen += text;
          if (startedIn(seen) >= at) kill();
        },
      });
      expect(code).toBe(KILLED);
      await expectFinishedByPlainRun();
    },
    1_800_000,
  );

  const random = randomNumbers(SEED);
  const moments = Array.from({ length: 5 }, () => random());
  test.each(moments)(
    `at the moment %f of the whole time (seed ${SEED})`,
    async (moment) => {
      await remove();
      let timer: NodeJS.Timeout | undefined;
      await place.phoenix(['create', '102', '--json'], {
        onStart: (kill) => (timer = setTimeout(kill, moment * whole.milliseconds)),
      });
      clearTimeout(timer);
      await expectFinishedByPlainRun();
    },
    1_800_000,
  );
});

const KILLED = 137;

const create = () => place.phoenix(['create', '102', '--json']);

async function remove(): Promise<void> {
  const { code, stderr } = await place.phoenix(['delete', '102', '--yes']);
  expect(code, stderr).toBe(0);
  expect(await place.must('pvesm', 'list', 'local')).not.toContain('vm-102-');
}

async function expectFinishedByPlainRun(): Promise<void> {
  const next = await create();
  expect(next.code, next.stdout + next.stderr).toBe(0);
  await expectWhole();
}

/** Looks at the node itself: the machine runs, every volume is referenced once, nothing is begun and left. */
async function expectWhole(): Promise<void> {
  const again = await create();
  expect(again.code, again.stdout).toBe(0);
  expect(operationsOf(again.stdout)).toEqual([]);
  expect(resultsOf(again.stdout)).toEqual({ 102: 'unchanged' });
  const config = await place.must('cat', '/etc/pve/qemu-server/102.conf');
  expect(config).not.toMatch(/^(lock|unused\d+|parent)/m);
  const used = [...config.matchAll(/^(?:scsi|ide)\d+: (local:[^,]+)/gm)].map(([, id]) => id ?? '');
  const listed = (await place.must('pvesm', 'list', 'local', '--vmid', '102')).split('\n').slice(1);
  expect(listed.map((line) => line.split(/\s+/)[0] ?? '').toSorted()).toEqual(used.toSorted());
  expect(await place.must('ls', '-A', '/var/lib/phoenix/journal')).not.toContain('current');
  expect(await inMachine(place, 102, 'cat', '/srv/hello/index.html')).toContain('machine 102');
}

function startedIn(stdout: string): number {
  return eventsOf(stdout).filter(({ event }) => event === 'operation-start').length;
}
