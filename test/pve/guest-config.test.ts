import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeNotes, encodeNotes, parseGuestConfig, printGuestConfig } from '../../src/pve/guest-config.ts';
import type { GuestKind } from '../../src/model/target.ts';

const FOLDER = 'test/conformance';

test('every recorded config file is printed as it was read, byte for byte', () => {
  let files = 0;
  for (const { kind, text } of recordedConfigs()) {
    files += 1;
    expect(printGuestConfig(parseGuestConfig(text, kind), kind)).toBe(text);
  }
  expect(files).toBeGreaterThan(100);
});

test('a file with everything in it', () => {
  const config = parseGuestConfig(
    [
      '#first line',
      '#second%3A 100%25 "quoted" %C3%A9',
      'arch: amd64',
      'memory: 512',
      'lxc.apparmor.profile: unconfined',
      'lxc.mount.entry: /dev/null dev/nvidia0 none bind,optional,create=file',
      'no setting',
      '',
      '[pve:pending]',
      'delete: mp1',
      'memory: 1024',
      '',
      '[clean]',
      '#taken by hand',
      'memory: 256',
      'snaptime: 1700000000',
      'lxc.apparmor.profile: other',
      '',
    ].join('\n'),
    'lxc',
  );
  expect(config.head.description).toBe('first line\nsecond: 100% "quoted" é\n');
  expect([...config.head.keys]).toEqual([
    ['arch', 'amd64'],
    ['memory', '512'],
  ]);
  expect(config.head.raw).toEqual([
    ['lxc.apparmor.profile', 'unconfined'],
    ['lxc.mount.entry', '/dev/null dev/nvidia0 none bind,optional,create=file'],
  ]);
  expect([...(config.pending?.keys ?? [])]).toEqual([
    ['delete', 'mp1'],
    ['memory', '1024'],
  ]);
  expect(config.snapshots.get('clean')?.description).toBe('taken by hand\n');
  expect(config.snapshots.get('clean')?.raw).toEqual([['lxc.apparmor.profile', 'other']]);
  expect(config.invalid).toEqual(['no setting']);
});

test('raw lines are taken with any separator, and what follows the first one is the value', () => {
  const config = parseGuestConfig('lxc.cap.drop = sys_admin\nlxc.mount.auto:sys:rw\n', 'lxc');
  expect(config.head.raw).toEqual([
    ['lxc.cap.drop', 'sys_admin'],
    ['lxc.mount.auto', 'sys:rw'],
  ]);
});

test('notes survive being encoded, whatever is in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeNotes(text)).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeNotes(encodeNotes(text))).toBe(text);
    }),
  );
});

function* recordedConfigs(): Generator<{ kind: GuestKind; text: string }> {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
    const scenario = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      steps: { files?: Record<string, string | null> }[];
    };
    for (const [path, text] of scenario.steps.flatMap(({ files }) => Object.entries(files ?? {}))) {
      const match = /^\/etc\/pve\/(lxc|qemu-server)\/\d+\.conf$/.exec(path);
      if (match && text !== null) yield { kind: match[1] === 'lxc' ? 'lxc' : 'vm', text };
    }
  }
}
