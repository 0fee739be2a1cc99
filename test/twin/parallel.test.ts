import { expect, test } from 'vitest';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runTool } from '../../src/twin/tools.ts';
import { freshWorld } from '../../src/twin/world.ts';
import type { Host } from '../../src/twin/host.ts';

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

test('a second clone of a source finds it locked', async () => {
  const { host, pct } = open();
  await pct('create', '8101', TEMPLATE, '--rootfs', 'local-btrfs:1');
  await pct('snapshot', '8101', 's1');
  const [first, second] = await Promise.all([
    pct('clone', '8101', '8102', '--full', '1', '--snapname', 's1', '--storage', 'local'),
    host.sleep(900).then(() => pct('clone', '8101', '8103', '--full', '1', '--snapname', 's1')),
  ]);
  expect(first.rc).toBe(0);
  expect(second).toEqual({ rc: 255, stdout: '', stderr: 'CT is locked (disk)\n' });
  expect(await host.files.read('/etc/pve/lxc/8103.conf')).toBeUndefined();
});

test('two sets at once wait for each other and both are kept', async () => {
  const { host, pct } = open();
  await pct('create', '8101', TEMPLATE, '--rootfs', 'local:1');
  const [first, second] = await Promise.all([
    pct('set', '8101', '--memory', '700'),
    pct('set', '8101', '--cores', '2'),
  ]);
  expect([first.rc, second.rc]).toEqual([0, 0]);
  expect(first.stderr + second.stderr).toBe('trying to acquire lock...\n OK\n');
  const text = await host.files.read('/etc/pve/lxc/8101.conf');
  expect(text).toContain('cores: 2\n');
  expect(text).toContain('memory: 700\n');
});

test('a set waits for the create of its container; a destroy finds it running', async () => {
  const { host, pct } = open();
  const creating = pct('create', '8104', TEMPLATE, '--rootfs', 'local:1');
  await host.sleep(1_500);
  expect(await pct('set', '8104', '--memory', '600')).toMatchObject({ rc: 0 });
  expect(await pct('start', '8104')).toMatchObject({ rc: 0 });
  expect(await pct('destroy', '8104')).toMatchObject({ rc: 255 });
  expect(await creating).toMatchObject({ rc: 0 });
  expect(await host.files.read('/etc/pve/lxc/8104.conf')).toBe(
    'arch: amd64\nhostname: CT8104\nmemory: 600\nostype: debian\n' +
      'rootfs: local:8104/vm-8104-disk-0.raw,size=1G\nswap: 512\n',
  );
});

test('two creates of one id: one wins, the other says so', async () => {
  const { pct } = open();
  const create = () => pct('create', '8101', TEMPLATE, '--rootfs', 'local:1');
  const results = await Promise.all([create(), create()]);
  expect(results.filter((result) => result.rc === 0)).toHaveLength(1);
  expect(results.map((result) => result.stderr).join('')).toContain("CT 8101 already exists on node 'vm'");
});

function open(): { host: Host; pct: (...words: string[]) => ReturnType<typeof runTool> } {
  const host = createMemoryHost(freshWorld());
  return { host, pct: (...words) => runTool(host, ['pct', ...words]) };
}
