import { expect, test } from 'vitest';
import { observedFirewall, observedNetwork } from '../../../src/pve/host/observed-network.ts';

test('reads links, addresses and who is connected from what `ip` and `ss` print', () => {
  const found = observedNetwork(
    new Map([
      ['links', 'eno1\nlo\nvmbr0'],
      [
        'addresses',
        [
          '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
          '4: vmbr0    inet 10.0.0.13/24 brd 10.0.0.255 scope global vmbr0\\       valid_lft forever',
          '4: vmbr0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever',
        ].join('\n'),
      ],
      [
        'sessions',
        [
          '0      0           10.0.0.13:22     203.0.113.9:51234      ',
          '0      36     [::ffff:10.0.0.13]:8006 [::ffff:10.0.0.5]:40000',
          '0      0      [fe80::1%vmbr0]:22 [fe80::2%vmbr0]:4711',
        ].join('\n'),
      ],
    ]),
  );
  expect(found).toEqual({
    links: ['eno1', 'lo', 'vmbr0'],
    addresses: [
      { interface: 'lo', address: '127.0.0.1/8' },
      { interface: 'vmbr0', address: '10.0.0.13/24' },
      { interface: 'vmbr0', address: 'fe80::1/64' },
    ],
    sessions: [
      { client: '203.0.113.9', address: '10.0.0.13', port: 22 },
      { client: '10.0.0.5', address: '10.0.0.13', port: 8006 },
      { client: 'fe80::2', address: 'fe80::1', port: 22 },
    ],
  });
});

test('takes only the files of the firewall that are there', () => {
  const files = new Map([['/etc/pve/nodes/pve/host.fw', '[RULES]\n']]);
  expect(observedFirewall(files, 'pve')).toEqual({ host: '[RULES]\n' });
});
