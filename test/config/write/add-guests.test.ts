import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { addGuests } from '../../../src/config/write/add-guests.ts';
import type { DescribedGuest } from '../../../src/model/described.ts';

const web: DescribedGuest = {
  vmid: 101,
  kind: 'lxc',
  name: 'web',
  groups: [{ name: 'web', tags: ['a', 'b'] }, { memory_mb: 512 }],
  remarks: ['console 0: no key says it', 'notes with\nlines'],
};
const machine: DescribedGuest = { ...web, vmid: 201, kind: 'vm', remarks: [] };
const headline = ({ vmid }: DescribedGuest) => `${vmid} imported`;

const WEB = `    // 101 imported
    //   console 0: no key says it
    //   notes with lines
    "101": {
      "name": "web",
      "tags": ["a", "b"],

      "memory_mb": 512
    }`;

describe('addGuests', () => {
  test('makes a file of its own', () => {
    expect(addGuests(undefined, [web], headline)).toBe(`{\n  "lxc_configs": {\n${WEB}\n  }\n}\n`);
  });

  test.each([
    ['an empty list', '{ "lxc_configs": {} }', '{ "lxc_configs": {\n', '\n  } }'],
    [
      'a guest before it, its comment and all',
      '{\n  // mine\n  "lxc_configs": {\n    "100": { "name": "a" } // the first\n  },\n  "version": 1\n}\n',
      '{\n  // mine\n  "lxc_configs": {\n    "100": { "name": "a" }, // the first\n\n',
      '\n  },\n  "version": 1\n}\n',
    ],
    [
      'a comma behind the last guest',
      '{\n  "lxc_configs": {\n    "100": {},\n  },\n}\n',
      '{\n  "lxc_configs": {\n    "100": {},\n\n',
      '\n  },\n}\n',
    ],
    [
      'a comma that stands only in a comment',
      '{\n  "lxc_configs": {\n    "100": {} // one, two\n  }\n}\n',
      '{\n  "lxc_configs": {\n    "100": {}, // one, two\n\n',
      '\n  }\n}\n',
    ],
  ])('keeps every other character: %s', (_, before, head, tail) => {
    expect(addGuests(before, [web], headline)).toBe(`${head}${WEB}${tail}`);
  });

  test('a file without the list gets it', () => {
    const text = addGuests('{ "nvidia_driver_version": "1.2" }', [web], headline);
    expect(parse(text)).toEqual({
      nvidia_driver_version: '1.2',
      lxc_configs: { 101: { name: 'web', tags: ['a', 'b'], memory_mb: 512 } },
    });
  });

  test('virtual machines go into their list with their id', () => {
    const text = addGuests(
      '{ "vms": [ { "vmid": 200, "name": "a" } ] }',
      [machine, { ...machine, vmid: 202 }],
      headline,
    );
    expect((parse(text) as { vms: { vmid: number }[] }).vms.map(({ vmid }) => vmid)).toEqual([200, 201, 202]);
  });

  test.each(['[]', 'hello', '{ "lxc_configs": [] }'])('%s is no such file', (text) => {
    expect(() => addGuests(text, [web], headline)).toThrow(/no (object|list of guests)/);
  });

  test('what stands in a remark can not end the comment', () => {
    const hostile = { ...web, remarks: ['a\r\n"x": {},\u2028 b'] };
    expect(parse(addGuests(undefined, [hostile], headline))).toEqual({
      lxc_configs: { 101: { name: 'web', tags: ['a', 'b'], memory_mb: 512 } },
    });
  });
});
