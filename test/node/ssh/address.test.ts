import { expect, test } from 'vitest';
import { parseSshAddress } from '../../../src/node/ssh/index.ts';

test.each([
  ['ssh://root@pve1', { user: 'root', host: 'pve1' }],
  ['ssh://pve1', { host: 'pve1' }],
  ['ssh://pve1/', { host: 'pve1' }],
  ['ssh://root@10.0.0.10:2222', { user: 'root', host: '10.0.0.10', port: 2222 }],
  ['ssh://root@[fd00::1]:22', { user: 'root', host: 'fd00::1', port: 22 }],
  ['ssh://root@[fe80::1%vmbr0]', { user: 'root', host: 'fe80::1%vmbr0' }],
  ['root@pve1', { user: 'root', host: 'pve1' }],
  ['root@pve1:22', { user: 'root', host: 'pve1', port: 22 }],
  ['ssh://-oProxyCommand=x', undefined],
  ['ssh://root@-oProxyCommand=x', undefined],
  ['-lroot@pve1', undefined],
  ['ssh://root@pve1:0', undefined],
  ['ssh://root@pve1:99999', undefined],
  ['ssh://root:secret@pve1/x', undefined],
  ['ssh://root:secret@pve1', undefined],
  ['ssh://root@pve1/etc', undefined],
  ['ssh://root@$(id)', undefined],
  ['ssh://a b@pve1', undefined],
  ['ssh://', undefined],
  ['root@', undefined],
])('%s', (text, address) => {
  expect(parseSshAddress(text)).toEqual(address);
});
