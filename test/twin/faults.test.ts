import { expect, test } from 'vitest';

import { faultyHost } from '../../src/twin/faults.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runTool } from '../../src/twin/tools.ts';
import { watchedHost } from '../../src/twin/watched-host.ts';
import { freshWorld, type World } from '../../src/twin/world.ts';

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const CREATE = ['pct', 'create', '8101', TEMPLATE, '--rootfs', 'local:1', '--mp0', 'local-btrfs:1,mp=/data'];

test('a create that fails at any call of its host leaves nothing behind', async () => {
  let failures = 0;
  for (let at = 0; at < 200; at++) {
    const world = freshWorld();
    const host = createMemoryHost(world);
    const calls: string[] = [];
    const faulty = faultyHost(host, (call, index) => {
      calls.push(call);
      return index === at && isWork(call) ? 'fail' : undefined;
    });
    const result = await runTool(faulty, CREATE);
    if (result.rc === 0) continue;
    failures++;
    expect(volumesOf(world), calls[at]).toEqual([]);
    expect(configOf(world), calls[at]).toBeUndefined();
    expect((await runTool(host, CREATE)).rc).toBe(0);
  }
  expect(failures).toBeGreaterThan(5);
});

test('a hanging call keeps the locks of its tool, and whoever waits for them gives up in time', async () => {
  const host = createMemoryHost(freshWorld());
  await runTool(host, CREATE);
  const hanging = faultyHost(host, (call) => (call === 'files.write' ? 'hang' : undefined));
  void runTool(hanging, ['pct', 'set', '8101', '--memory', '700']);
  const before = host.now();
  const result = await runTool(host, ['pct', 'set', '8101', '--cores', '1']);
  expect(result).toEqual({
    rc: 255,
    stdout: '',
    stderr: "trying to acquire lock...\ncan't lock file '/run/lock/lxc/pve-config-8101.lock' - got timeout\n",
  });
  expect(host.now() - before).toBe(10_000);
});

test('a create whose worker is killed while it sets the system up leaves a husk without a lock', async () => {
  const husks = new Map<string, World>();
  for (let calls = 0; calls < 60; calls++) {
    const world = freshWorld();
    const { host, reached } = watchedHost(createMemoryHost(world), calls, 'dies');
    const rc = await Promise.race([runTool(host, CREATE.slice(0, 6)), reached.then(() => undefined)]);
    if (rc !== undefined) break;
    husks.set(configOf(world) ?? 'none', world);
  }
  expect([...husks.keys()]).toEqual([
    'none',
    'lock: create\n',
    'arch: amd64\nostype: debian\nrootfs: local:8101/vm-8101-disk-0.raw,size=1G\n',
    'arch: amd64\nhostname: CT8101\nmemory: 512\nostype: debian\nrootfs: local:8101/vm-8101-disk-0.raw,size=1G\nswap: 512\n',
  ]);
  for (const [text, world] of husks) {
    const rest = createMemoryHost(world);
    if (text.includes('rootfs')) expect((await runTool(rest, ['pct', 'start', '8101'])).rc).toBe(0);
  }
});

function isWork(call: string): boolean {
  return /^(volumes|guests)\.(?!find|list|free)/.test(call) || call === 'files.write';
}

function configOf(world: World): string | undefined {
  return world.files['/etc/pve/nodes/vm/lxc/8101.conf']?.text;
}

function volumesOf(world: World): string[] {
  return Object.values(world.volumes).flatMap((guests) => Object.keys(guests['8101'] ?? {}));
}
