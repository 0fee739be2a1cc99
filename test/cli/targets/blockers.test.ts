import { expect, test } from 'vitest';
import { blockersOf } from '../../../src/cli/targets/blockers.ts';
import { container, folderOf } from '../folder.ts';
import { observedGuest, observedNode } from '../observed.ts';

/* Volume ids as Proxmox names the linked clones of a base. */
const LINKED: readonly (readonly [what: string, rootfs: string, isLinked: boolean])[] = [
  ['a directory', 'local:900/base-900-disk-0.qcow2/950/vm-950-disk-0.qcow2,size=4G', true],
  ['ZFS', 'tank:basevol-900-disk-0/subvol-950-disk-0,size=4G', true],
  ['LVM-thin', 'thin:base-900-disk-0/vm-950-disk-0,size=4G', true],
  ['another base', 'tank:basevol-9001-disk-0/subvol-950-disk-0,size=4G', false],
  ['a volume of its own', 'tank:subvol-950-disk-0,size=4G', false],
];

test.each(LINKED)('a linked clone on %s', (_what, rootfs, isLinked) => {
  const found = blockersOf(
    folderOf(),
    observedNode(observedGuest(900), observedGuest(950, { keys: { rootfs } })),
    new Set([900]),
  );
  expect(found.map(({ vmid, isDeclared }) => [vmid, isDeclared])).toEqual(isLinked ? [[950, false]] : []);
});

test('a snapshot can rest on a base too', () => {
  const keys = new Map([['rootfs', 'thin:base-900-disk-0/vm-950-disk-0']]);
  const clone = observedGuest(950, {
    keys: { rootfs: 'thin:vm-950-disk-1' },
    snapshots: new Map([['before', { keys, raw: [] }]]),
  });
  expect(blockersOf(folderOf(), observedNode(observedGuest(900), clone), new Set([900]))).toHaveLength(1);
});

test('what depends on a target blocks it where it is on the node', () => {
  const folder = folderOf(
    container(1),
    container(2, { dependencies: [1] }),
    container(3, { dependencies: [1] }),
  );
  const found = blockersOf(folder, observedNode(observedGuest(1), observedGuest(3)), new Set([1]));
  expect(found).toMatchObject([{ vmid: 3, of: 1, reason: 'depends on it', isDeclared: true }]);
});

test('a target blocks no other target, and what is not there blocks nothing', () => {
  const folder = folderOf(container(1), container(2, { dependencies: [1] }));
  expect(blockersOf(folder, observedNode(observedGuest(1), observedGuest(2)), new Set([1, 2]))).toEqual([]);
  expect(blockersOf(folder, observedNode(observedGuest(2)), new Set([1]))).toEqual([]);
});
