import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation, PveOperation } from '../../src/model/operation.ts';
import { Secret } from '../../src/model/value.ts';
import { describeOperation, describeWith, quoteWord, renderArgv } from '../../src/pve/render.ts';

const common = { target: 101, step: 's', changes: [], gates: [] } as const;

function call(more: Partial<PveOperation>): PveOperation {
  return { ...common, op: 'pve', call: 'pct set', vmid: 101, params: {}, ...more };
}

describe('argv', () => {
  test.each<[string, PveOperation, string[]]>([
    [
      'options in their order',
      call({ params: { memory: 512, onboot: true, protection: false } }),
      ['pct', 'set', '101', '--memory', '512', '--onboot', '1', '--protection', '0'],
    ],
    [
      'positional words before options',
      call({ call: 'pct clone', positional: ['102'], params: { full: true } }),
      ['pct', 'clone', '101', '102', '--full', '1'],
    ],
    [
      'a value in parts is one word',
      call({ params: { net0: ['name=eth0,hwaddr=', 'AA', ',tag=1'] } }),
      ['pct', 'set', '101', '--net0', 'name=eth0,hwaddr=AA,tag=1'],
    ],
    [
      'no vmid',
      { ...common, op: 'pve', call: 'pveam download', positional: ['local', 'x y'], params: {} },
      ['pveam', 'download', 'local', 'x y'],
    ],
  ])('%s', (_, operation, expected) => {
    expect(renderArgv(operation)).toEqual(expected);
  });

  test('never holds a secret, whole or in part', () => {
    const secret = new Secret('env:TOKEN', () => 'canary');
    for (const value of [secret, ['a', secret]]) {
      expect(() => renderArgv(call({ params: { password: value } }))).toThrow(/env:TOKEN may not/);
    }
  });

  test('never holds what was not filled', () => {
    const digest = { fill: 'digest', of: '101' } as const;
    expect(() => renderArgv(call({ params: { digest } }))).toThrow('<digest of 101> was not filled');
  });
});

describe('a description', () => {
  const secret = new Secret('env:TOKEN', () => 'canary');
  test.each<[Operation, string]>([
    [
      call({ params: { description: "it's\nmine", digest: { fill: 'digest', of: '101' } } }),
      `pct set 101 --description 'it'\\''s\nmine' --digest '<digest of 101>'`,
    ],
    [call({ params: { password: secret } }), "pct set 101 --password '•••'"],
    [
      { ...common, op: 'edit', path: '/etc/pve/lxc/101.conf', vmid: 101, remove: ['a: 1'], add: ['b: 2'] },
      '# edit /etc/pve/lxc/101.conf\n#   - a: 1\n#   + b: 2',
    ],
    [
      { ...common, op: 'write', in: 'node', path: '/a b', content: 'text', mode: 0o600 },
      "# write '/a b' (4 characters, mode 0600)",
    ],
    [{ ...common, op: 'write', in: 'node', path: '/a', content: null }, 'rm -f -- /a'],
    [
      { ...common, op: 'exec', in: 'node', argv: ['mkdir', '-p', '--', '/srv/a b'], timeoutMs: 1 },
      "mkdir -p -- '/srv/a b'",
    ],
    [
      { ...common, op: 'exec', in: 101, argv: ['true'], env: { A: secret }, timeoutMs: 1 },
      "pct exec 101 -- env A='•••' true",
    ],
    [
      { ...common, op: 'exec', in: 101, script: { name: 'docker/install', content: '' }, timeoutMs: 1 },
      '# run docker/install in 101',
    ],
    [
      { ...common, op: 'wait', in: 101, for: 'network', timeoutMs: 90_000 },
      '# wait until 101 has an address and a route (at most 90 s)',
    ],
    [
      {
        ...common,
        op: 'check',
        in: 'node',
        probe: { kind: 'http', url: 'http://10.0.0.1/', expectStatus: 200 },
        retries: 1,
        intervalMs: 1,
        timeoutMs: 1,
      },
      '# check http://10.0.0.1/ (200) on the node',
    ],
  ])('%#', (operation, expected) => {
    expect(describeOperation(operation)).toBe(expected);
  });

  test('a VM is entered through its guest agent', () => {
    const describeHere = describeWith((vmid) => vmid === 201);
    const inVm = { ...common, op: 'exec', in: 201, argv: ['true'], timeoutMs: 1 } as const;
    expect(describeHere(inVm)).toBe('qm guest exec 201 -- true');
    expect(describeHere({ ...inVm, in: 101 })).toBe('pct exec 101 -- true');
    const gone = { ...common, op: 'write', in: 201, path: '/a', content: null } as const;
    expect(describeHere(gone)).toBe('qm guest exec 201 -- rm -f -- /a');
  });

  test('a line break in a name does not end its comment', () => {
    const script = { name: 'a\nrm -rf /', content: '' };
    const text = describeOperation({ ...common, op: 'exec', in: 101, script, timeoutMs: 1 });
    expect(text).toBe('# run a rm -rf / in 101');
  });
});

test('a quoted word comes back from a shell as it was', () => {
  const words = fc.sample(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !word.includes('\0')),
    60,
  );
  const all = [...words, '', "'", '$(id)', '`id`', '-rf', 'a\nb', '\\', '"', '*', '~', '<x>'];
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${all.map(quoteWord).join(' ')}`]).toString();
  expect(printed.split('\0').slice(0, -1)).toEqual(all);
});
