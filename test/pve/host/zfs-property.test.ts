import { expect, test } from 'vitest';
import { sameProperty } from '../../../src/pve/host/zfs-property.ts';

test.each([
  ['recordsize', '128K', '131072', true],
  ['recordsize', '1M', '131072', false],
  ['quota', '1.5G', '1610612736', true],
  ['quota', 'none', '0', true],
  ['quota', '800G', '858993459200', true],
  ['filesystem_limit', 'none', '18446744073709551615', true],
  ['compression', 'lz4', 'lz4', true],
  ['compression', 'LZ4', 'lz4', false],
  ['atime', 'OFF', 'off', true],
  ['mountpoint', '/srv/data/', '/srv/data', true],
  ['com.example:note', '1K', '1024', false],
  ['sync', 'standard', undefined, false],
])('%s=%s is %s: %s', (name, wanted, found, isSame) => {
  expect(sameProperty(name, wanted, found)).toBe(isSame);
});
