import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { WaitOperation } from '../../src/model/operation.ts';
import { localNode } from '../../src/node/index.ts';
import { TOOL_PROCESSES_SH } from '../../src/node/tool-processes.ts';

const VMID = '999999861';
const SOURCE = '999999862';

let folder: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-tools-'));
  for (const name of ['pct', 'qm']) {
    writeFileSync(join(folder, name), '#!/usr/bin/perl -T\n$| = 1; print qq(up\\n); sleep 600;\n');
    chmodSync(join(folder, name), 0o755);
  }
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a program and waits until it is up. */
async function start(argv: readonly string[]): Promise<ChildProcess> {
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

async function seen(): Promise<readonly string[]> {
  const { stdout } = await localNode().command(['sh', '-c', TOOL_PROCESSES_SH], {});
  return stdout.split('\n').filter((line) => / 99999986\d$/.test(line));
}

test.each<[readonly string[], readonly string[]]>([
  [['pct', 'create', VMID, 'local:x', '--description', 'a\nb\n=1\n'], [VMID]],
  [
    ['pct', 'clone', SOURCE, VMID, '--hostname', 'x'],
    [SOURCE, VMID],
  ],
  [['qm', 'set', VMID, '--memory', '1'], [VMID]],
  [['qm', 'disk', 'resize', VMID, 'scsi0', '2G'], [VMID]],
  [['pct', 'exec', VMID, '--', 'pct', 'create', VMID], []],
  [['pct', 'enter', VMID], []],
  [['pct', 'status', VMID], []],
])('%j is at work on %j', async ([tool = '', ...words], expected) => {
  const { pid } = await start([join(folder, tool), ...words]);
  expect(await seen()).toEqual(expected.map((vmid) => `${pid} ${vmid}`));
});

test('a command that only speaks of a tool is none', async () => {
  const up = ['-e', '$| = 1; print qq(up\\n); sleep 600'];
  await start(['perl', ...up, 'ssh', 'host', 'pct', 'create', VMID]);
  await start(['perl', ...up, `pct create ${VMID}`]);
  expect(await seen()).toEqual([]);
});

test('a wait for tasks ends with the tool', async () => {
  const tool = await start([join(folder, 'pct'), 'destroy', VMID]);
  const wait = (timeoutMs: number): WaitOperation => ({
    op: 'wait',
    target: Number(VMID),
    step: 's',
    changes: [],
    gates: [],
    in: Number(VMID),
    for: 'task',
    timeoutMs,
  });
  expect(await localNode().run(wait(1_000), {})).toMatchObject({ kind: 'lost' });
  const waiting = localNode().run(wait(60_000), {});
  tool.kill('SIGKILL');
  expect(await waiting).toMatchObject({ kind: 'done' });
});
