import { access, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../../../src/cli/context.ts';
import { Stop } from '../../../src/cli/stop.ts';
import { lockTwinFile } from '../../../src/cli/nodes/twin-lock.ts';
import { takeLock } from '../../../src/node/node-lock.ts';
import { folderFiles, guest } from '../guests-folder.ts';
import { runPhoenix, temporaryFolder } from '../run-phoenix.ts';

const FILES = folderFiles({ 201: guest(201), 202: guest(202), 203: guest(203) });

test('commands at the same time on one file lose nothing of each other', async () => {
  const cwd = await temporaryFolder();
  await runPhoenix('list', { cwd, files: FILES });
  const ends = await Promise.all(
    [201, 202, 203].map(async (id) => await runPhoenix(`create ${id} --host twin:n.json`, { cwd })),
  );
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  const { stdout } = await runPhoenix('node --host twin:n.json -- pct list', { cwd });
  expect(stdout.match(/^20[123] +running/gm)).toHaveLength(3);
  await expect(access(join(cwd, 'n.json.lock'))).rejects.toThrow('ENOENT');
});

test('what a killed command left gives way', async () => {
  const cwd = await temporaryFolder();
  const dead = { pid: 4_194_304, host: hostname(), since: 0, purpose: 'phoenix create', startTime: '1' };
  await writeFile(join(cwd, 'n.json.lock'), JSON.stringify(dead));
  expect(await runPhoenix('node --host twin:n.json -- pct list', { cwd })).toMatchObject({ exitCode: 0 });
});

test('a file that stays in use stops the command and says who has it', async () => {
  const cwd = await temporaryFolder();
  const path = join(cwd, 'n.json');
  const held = await takeLock(`${path}.lock`, 'phoenix up', 0);
  const context = {
    io: { signal: new AbortController().signal },
    verb: { name: 'create' },
  } as unknown as Pick<Context, 'io' | 'verb'>;
  const refusal = await lockTwinFile(context, path, 0).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ exitCode: 69 });
  expect(refusal instanceof Stop && refusal.diagnostics[0]?.detail).toContain('"phoenix up"');
  expect(held.acquired).toBe(true);
});

test('a file that cannot be used is let go of', async () => {
  const cwd = await temporaryFolder();
  const { exitCode } = await runPhoenix('status --host twin:n.json', { cwd, files: { 'n.json': '{' } });
  expect(exitCode).toBe(65);
  await expect(readFile(join(cwd, 'n.json.lock'))).rejects.toThrow('ENOENT');
});
