import { expect, test } from 'vitest';
import { editResolvConf } from '../../../src/pve/host/resolv-conf.ts';

const FOUND = '# mine\nsearch old.lan\nnameserver 10.0.0.1\noptions timeout:1\nnameserver 10.0.0.2\n';

test.each<[string, string, Parameters<typeof editResolvConf>[1], string]>([
  ['what is right', FOUND, { nameservers: ['10.0.0.1', '10.0.0.2'], searchDomain: 'old.lan' }, FOUND],
  ['what nobody asks about', FOUND, {}, FOUND],
  [
    'other servers',
    FOUND,
    { nameservers: ['9.9.9.9'] },
    '# mine\nsearch old.lan\noptions timeout:1\nnameserver 9.9.9.9\n',
  ],
  [
    'the same servers in another order',
    FOUND,
    { nameservers: ['10.0.0.2', '10.0.0.1'] },
    '# mine\nsearch old.lan\noptions timeout:1\nnameserver 10.0.0.2\nnameserver 10.0.0.1\n',
  ],
  [
    'another domain',
    FOUND,
    { searchDomain: 'new.lan' },
    '# mine\nnameserver 10.0.0.1\noptions timeout:1\nnameserver 10.0.0.2\nsearch new.lan\n',
  ],
  ['a file that is not there', '', { nameservers: ['9.9.9.9'] }, 'nameserver 9.9.9.9\n'],
])('writes %s', (_name, text, wanted, expected) => {
  expect(editResolvConf(text, wanted)).toBe(expected);
  expect(editResolvConf(expected, wanted)).toBe(expected);
});
