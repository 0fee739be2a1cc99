import { describe, expect, test } from 'vitest';
import { gateWidth } from '../../src/pve/gates.ts';
import { isHotplugged, isHotUnplugged } from '../../src/pve/lxc/hotplug.ts';
import { isSameValue } from '../../src/pve/lxc/same-value.ts';
import { deriveMac } from '../../src/pve/mac.ts';
import { emptyNodeRecord, parseNodeRecord, printNodeRecord } from '../../src/pve/node-record.ts';

test.each([
  ['clone:900', 1],
  ['storage:local', 1],
  ['vm-clone:9000', 3],
  ['unheard of', 1],
])('gate %s lets %i pass', (gate, width) => {
  expect(gateWidth(gate)).toBe(width);
});

describe('values of a key', () => {
  test.each([
    ['tags', 'b;A;b', 'a;b', true],
    ['tags', 'a', 'b', false],
    ['tags', undefined, '', true],
    ['onboot', undefined, '0', true],
    ['onboot', 'yes', '1', true],
    ['onboot', undefined, '1', false],
    ['description', 'a\n', 'a', true],
    ['description', 'a\nb', 'a', false],
    ['features', 'nesting=1,keyctl=1', 'keyctl=on,nesting=1', true],
    ['features', 'nesting=1,fuse=0', 'nesting=1', true],
    ['features', undefined, '', true],
    ['features', 'mount=nfs;cifs', 'mount=nfs', false],
    ['startup', '3,up=5', 'order=3,up=5', true],
    ['startup', 'order=3,up=5', 'order=3', false],
    ['nameserver', '1.1.1.1,8.8.8.8', '1.1.1.1 8.8.8.8', true],
    ['nameserver', '8.8.8.8 1.1.1.1', '1.1.1.1 8.8.8.8', false],
    ['memory', '0512', '512', true],
    ['memory', undefined, '512', false],
    ['hostname', 'a', 'A', false],
  ])('%s: %j and %j are the same: %j', (key, a, b, expected) => {
    expect(isSameValue(key, a, b)).toBe(expected);
    expect(isSameValue(key, b, a)).toBe(expected);
  });
});

/** What the recording lxc-set-running shows of each key. */
test.each([
  ['memory', false, true],
  ['swap', false, true],
  ['cores', true, true],
  ['cpulimit', true, true],
  ['cpuunits', true, true],
  ['hostname', false, true],
  ['onboot', true, true],
  ['tags', true, true],
  ['description', true, true],
  ['startup', true, true],
  ['protection', true, true],
  ['net0', false, true],
  ['mp0', true, true],
  ['mp0', false, false],
  ['nameserver', true, false],
  ['searchdomain', true, false],
  ['features', true, false],
  ['tty', true, false],
  ['console', true, false],
  ['timezone', true, false],
  ['cmode', true, false],
])('%s (new: %j) is taken live: %j', (key, isNew, expected) => {
  expect(isHotplugged(key, isNew)).toBe(expected);
});

test('a mount is never dropped from a running container', () => {
  expect(['mp1', 'dev0', 'nameserver', 'net0', 'tags'].map(isHotUnplugged)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

test('a derived address depends on each part of its place, and is local and unicast', () => {
  const place = { folderId: 'a', node: 'vm', vmid: 101, index: 0 };
  const places = [
    place,
    { ...place, folderId: 'b' },
    { ...place, node: 'b' },
    { ...place, vmid: 102 },
    { ...place, index: 1 },
  ];
  const macs = places.map(deriveMac);
  expect(new Set(macs).size).toBe(places.length);
  expect(deriveMac({ ...place })).toBe(macs[0]);
  for (const mac of macs) {
    expect(mac).toMatch(/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/);
    expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
  }
});

describe("a guest's record on the node", () => {
  const full = {
    ...emptyNodeRecord(101),
    mounts: ['/data'],
    rawLines: ['lxc.tty.max: 2'],
    renewHostKeys: true,
    golden: true,
    completed: 'abc',
  };

  test('comes back as it was written', () => {
    expect(parseNodeRecord(printNodeRecord(full), 101)).toEqual(full);
  });

  test.each(['', '[]', 'null', '{"vmid":102}', '{"vmid":"101"}', '{'])('is not read from %j', (text) => {
    expect(parseNodeRecord(text, 101)).toBeUndefined();
  });

  test('ignores what is no text', () => {
    const text = JSON.stringify({
      ...full,
      mounts: ['/a', 7, null],
      devices: 'x',
      completed: 1,
      renewHostKeys: 'y',
      golden: 1,
    });
    expect(parseNodeRecord(text, 101)).toEqual({
      ...emptyNodeRecord(101),
      mounts: ['/a'],
      rawLines: full.rawLines,
    });
  });
});
