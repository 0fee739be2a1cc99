import { expect, test } from 'vitest';
import { EMPTY_HOST_RECORD, parseHostRecord, printHostRecord } from '../../../src/pve/host/host-record.ts';

test('a record reads as it was written, in one order', () => {
  const record = { ...EMPTY_HOST_RECORD, pools: ['tank'], datasets: ['tank/b', 'tank/a', 'tank/b'] };
  expect(parseHostRecord(printHostRecord(record))).toEqual({
    ...record,
    datasets: ['tank/a', 'tank/b'],
  });
});

test.each(['', '[]', '{"pools": "tank"}', '{"pools": [1, null]}'])('%j is a record of nothing', (text) => {
  expect(parseHostRecord(text)).toEqual(EMPTY_HOST_RECORD);
});
