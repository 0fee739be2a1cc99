import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHost, type NetworkHost } from '../host-network/open-host.ts';

const RIGHT = { name: 'vmbr0', ports: ['eno1'], address: '10.99.0.13/24', gateway: '10.99.0.1' };

let host: NetworkHost;
beforeAll(async () => {
  host = await openHost();
});
afterAll(() => host.close());

test('over SSH an address that is found under its new name is kept', async () => {
  const moved = { bridges: [{ ...RIGHT, address: '10.99.0.15/24' }], confirm_within_seconds: 60 };
  await host.setupOverSsh(moved);
  expect([host.isReached('10.99.0.15'), host.state()]).toEqual([true, 'kept']);
  // Where the kernel can't end the connection to the old address, its lock is held on.
  host.on('pkill', '-f', 'sshd: root');
  const back = await host.setup({ bridges: [{ ...RIGHT, mtu: 1500 }] });
  expect(back.code, back.stderr).toBe(0);
});
