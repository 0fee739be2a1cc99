import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Place, ROOT, openPlace } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
});
afterAll(() => place.dispose());

const rehearse = () =>
  place.program([process.execPath, join(ROOT, 'bin/phoenix'), 'rehearse', '--config', place.config]);

/** What a rehearsal must not leave behind. */
async function leftovers(): Promise<readonly string[]> {
  const sandbox = await readdir(join(place.folder, 'sandbox'), { recursive: true });
  const mounts = (await place.program(['cat', '/proc/self/mountinfo'])).stdout;
  const processes = (await place.program(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])).stdout;
  return [
    ...sandbox.filter((name) => !name.startsWith('cache')),
    ...mounts.split('\n').filter((line) => line.includes(place.folder)),
    ...processes.split('\n').filter((line) => line.includes(join(place.folder, 'sandbox'))),
  ];
}

test('the quickstart passes a rehearsal, which leaves nothing behind', async () => {
  const run = await rehearse();
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toContain('Made, healthy, and the second converge changed nothing.');
  expect(await leftovers()).toEqual([]);
});

test('a folder that is never finished fails its rehearsal, which leaves nothing behind either', async () => {
  await writeFile(
    join(place.config, 'scripts/hello.sh'),
    '#!/bin/sh\nrm -f /var/lib/phoenix/record.json\nexit 1\n',
  );
  const run = await rehearse();
  expect(run.code).toBe(1);
  expect(await leftovers()).toEqual([]);
});
