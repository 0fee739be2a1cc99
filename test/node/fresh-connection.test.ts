import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConfirmOperation } from '../../src/model/operation.ts';
import { nodeOf } from '../../src/node/node-of.ts';
import { connectSsh } from '../../src/node/ssh/connection.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-fresh-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const calls = (): readonly string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

test.each([
  [undefined, undefined],
  ['10.0.0.14', '-o HostName=10.0.0.14 -o HostKeyAlias=[pve]:2222'],
])('a connection to %s is made anew and shares nothing with the one that is open', async (host, moved) => {
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nprintf '%s\\n' "$*" >>'${folder}/calls'\n`);
  chmodSync(join(folder, 'ssh'), 0o755);
  const connection = await connectSsh(
    { host: 'pve', user: 'root', port: 2222 },
    { isTerminal: false, env: { PATH: `${folder}:${process.env['PATH']}` } },
  );
  await connection.runFresh(['true'], { timeoutMs: 5000, signal: undefined }, host);
  const [master = '', fresh = ''] = calls();
  expect(master).toContain('ControlMaster=yes');
  expect(fresh).toContain('-o ControlMaster=no -o ControlPath=none');
  expect(fresh).not.toContain('master');
  if (moved !== undefined) expect(fresh).toContain(moved);
  await connection.close();
});

test('a change is confirmed over nothing but fresh connections, whatever the old one says', async () => {
  const asked: string[] = [];
  const node = nodeOf({
    title: 'far',
    machine: {
      run: async () => {
        throw new Error('the old connection was used');
      },
      root: undefined,
      network: 'perl',
    },
    secrets: [],
    fresh: async (argv) => {
      asked.push(argv[1] ?? '');
      return { rc: 0, stdout: '', stderr: '', ended: 'exit' };
    },
    remedy: '',
  });
  const confirm: ConfirmOperation = {
    op: 'confirm',
    target: 'node',
    step: 'setup_firewall',
    changes: ['rules'],
    gates: [],
    in: 'node',
    name: 'firewall',
    token: 'abc',
    addresses: [],
    timeoutMs: 5000,
  };
  expect((await node.run(confirm, {})).kind).toBe('done');
  expect(asked).toEqual(['applied', 'confirm']);
});
