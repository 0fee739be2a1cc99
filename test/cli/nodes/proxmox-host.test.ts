import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isProxmoxHost } from '../../../src/cli/nodes/proxmox-host.ts';
import { temporaryFolder } from '../run-phoenix.ts';

const PMXCFS = '/dev/fuse /etc/pve fuse rw,nosuid,nodev,relatime,user_id=0,group_id=0,allow_other 0 0\n';
const ROOT = '/dev/sda1 / ext4 rw,relatime 0 0\n';
const BOUND = '/dev/loop0 /etc/pve btrfs rw,relatime,subvol=/pve 0 0\n';

const cases: readonly (readonly [what: string, mounts: string | undefined, hasPct: boolean, is: boolean])[] =
  [
    ['a Proxmox host', ROOT + PMXCFS, true, true],
    ['a machine without Proxmox', ROOT, false, false],
    ['a machine with some other pct', ROOT, true, false],
    ['the inside of a sandbox', ROOT + BOUND, true, false],
    ['a host whose tools are gone', ROOT + PMXCFS, false, false],
    ['a machine that hides its mounts', undefined, true, false],
  ];

test.each(cases)('%s', async (_what, mounts, hasPct, is) => {
  const root = await temporaryFolder();
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  if (mounts !== undefined) await put('proc/self/mounts', mounts);
  if (hasPct) await put('usr/bin/pct', '#!/usr/bin/perl\n');
  expect(await isProxmoxHost(root)).toBe(is);
});
