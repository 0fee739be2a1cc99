import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGuestRecord, printGuestRecord } from '../../src/pve/guest-record.ts';

const many = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`f${index}`, 'd']));

describe('what is no record', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a part of it', '{"features":{}}'],
    ['more than it', '{"features":{},"scripts":{},"more":{}}'],
    ['a list of features', '{"features":[],"scripts":{}}'],
    ['a digest that is no text', '{"features":{"a":1},"scripts":{}}'],
    ['an empty digest', '{"features":{"a":""},"scripts":{}}'],
    ['a digest with a line end', '{"features":{"a":"x\\ny"},"scripts":{}}'],
    ['a name with a path', '{"features":{"../a":"x"},"scripts":{}}'],
    ['a script without a name', '{"features":{},"scripts":{"":"x"}}'],
    ['a script with a line end', '{"features":{},"scripts":{"a\\nb":"x"}}'],
    ['the prototype as a name', '{"features":{"__proto__":"x"},"scripts":{}}'],
    ['the prototype as a key', '{"__proto__":{},"features":{},"scripts":{}}'],
    ['a long digest', JSON.stringify({ features: { a: 'x'.repeat(129) }, scripts: {} })],
    ['many entries', JSON.stringify({ features: many, scripts: {} })],
    ['a long text', `{"features":{},"scripts":{}}${' '.repeat(65_536)}`],
  ])('%s', (_, text) => {
    expect(parseGuestRecord(text)).toBeUndefined();
  });
});

test('the bytes of a record', () => {
  expect(printGuestRecord({ features: { b: '2', a: '1' }, scripts: { 'app.sh': 'sha256:0f' } })).toBe(
    '{\n  "features": {\n    "a": "1",\n    "b": "2"\n  },\n  "scripts": {\n    "app.sh": "sha256:0f"\n  }\n}\n',
  );
});

test.each(['apps/web.sh', 'my app.sh', "it's $(x).sh", 'über.sh', '-rf'])(
  'a script may be called %j',
  (name) => {
    const record = { features: {}, scripts: { [name]: 'sha256:0f' } };
    expect(parseGuestRecord(printGuestRecord(record))).toEqual(record);
  },
);

test('any record comes back from its text', () => {
  const entries = fc.dictionary(
    fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/u),
    fc.stringMatching(/^[0-9a-f]{1,64}$/u),
  );
  fc.assert(
    fc.property(fc.record({ features: entries, scripts: entries }), (record) => {
      expect(parseGuestRecord(printGuestRecord(record))).toEqual({
        features: { ...record.features },
        scripts: { ...record.scripts },
      });
    }),
  );
});

test('any text is read without a throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseGuestRecord(text)));
});
