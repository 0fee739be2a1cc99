import { expect, test } from 'vitest';
import { createMemoryHost } from '../../../src/twin/memory-host.ts';
import { faultyHost } from '../../../src/twin/faults.ts';
import { runTool } from '../../../src/twin/tools.ts';
import { watchedHost } from '../../../src/twin/watched-host.ts';
import { freshWorld, type World } from '../../../src/twin/world.ts';
import { IMAGE, makeVm, nodeForVms } from './node-for-vms.ts';

const CREATE =
  `qm create 8201 --scsi0 local:0,import-from=${IMAGE} --scsi1 local-btrfs:1 --ide2 local:cloudinit`.split(
    ' ',
  );
const CLONE = 'qm clone 8201 8202 --full 1'.split(' ');

test('a create that fails at any call of its host leaves nothing behind', async () => {
  let failures = 0;
  for (let at = 0; at < 60; at++) {
    const { world, host } = nodeForVms();
    const calls: string[] = [];
    const faulty = faultyHost(host, (call, index) => {
      calls.push(call);
      return index === at && isWork(call) ? 'fail' : undefined;
    });
    const result = await runTool(faulty, CREATE);
    if (result.rc === 0) continue;
    failures++;
    expect(volumesOf(world, 8201), calls[at]).toEqual([]);
    expect(configOf(world, 8201), calls[at]).toBeUndefined();
    expect((await runTool(host, CREATE)).rc).toBe(0);
  }
  expect(failures).toBeGreaterThan(5);
});

test('a clone that fails at any call of its host leaves its source alone and no copy behind', async () => {
  let failures = 0;
  for (let at = 0; at < 60; at++) {
    const node = nodeForVms();
    await makeVm(node, 8201);
    const before = node.config(8201);
    const faulty = faultyHost(node.host, (call, index) =>
      index === at && isWork(call) ? 'fail' : undefined,
    );
    const result = await runTool(faulty, CLONE);
    expect(node.config(8201)).toBe(before);
    if (result.rc === 0) continue;
    failures++;
    expect(volumesOf(node.world, 8202)).toEqual([]);
    expect(node.config(8202)).toBeUndefined();
  }
  expect(failures).toBeGreaterThan(3);
});

test('a create that dies leaves nothing, a locked husk, or a whole VM, and can be cleared away', async () => {
  const seen = new Set<string>();
  for (let calls = 0; calls < 60; calls++) {
    const { world, host: whole } = nodeForVms();
    const { host, reached } = watchedHost(whole, calls, 'dies');
    const rc = await Promise.race([runTool(host, CREATE).then((end) => end.rc), reached]);
    if (rc !== undefined) break;
    const text = configOf(world, 8201);
    seen.add(text === undefined ? 'none' : text === 'lock: create\n' ? 'husk' : 'whole');
    if (text === undefined) continue;
    expect((await runTool(whole, ['qm', 'unlock', '8201'])).rc).toBe(0);
    const destroy = 'qm destroy 8201 --destroy-unreferenced-disks 1'.split(' ');
    expect((await runTool(whole, destroy)).rc).toBe(0);
    expect(volumesOf(world, 8201)).toEqual([]);
  }
  expect(seen).toEqual(new Set(['none', 'husk', 'whole']));
});

test('a killed clone leaves a target that is locked by it, and an unlocked source', async () => {
  const seen = new Set<string>();
  for (let calls = 0; calls < 60; calls++) {
    const node = nodeForVms();
    await makeVm(node, 8201);
    const { host, reached } = watchedHost(node.host, calls, 'dies');
    const rc = await Promise.race([runTool(host, CLONE).then((end) => end.rc), reached]);
    if (rc !== undefined) break;
    expect(node.config(8201)).not.toContain('lock:');
    const text = node.config(8202);
    seen.add(text === undefined ? 'none' : (/^lock: .*$/m.exec(text)?.[0] ?? 'whole'));
  }
  expect(seen).toEqual(new Set(['none', 'lock: clone', 'whole']));
});

test('whoever waits for the lock of a VM gives up in time', async () => {
  const host = createMemoryHost(freshWorld());
  await runTool(host, ['qm', 'create', '8201']);
  const hanging = faultyHost(host, (call) => (call === 'files.write' ? 'hang' : undefined));
  void runTool(hanging, ['qm', 'set', '8201', '--memory', '700']);
  await host.sleep(1);
  expect(await runTool(host, ['qm', 'set', '8201', '--cores', '1'])).toEqual({
    rc: 255,
    stdout: '',
    stderr:
      "trying to acquire lock...\ncan't lock file '/var/lock/qemu-server/lock-8201.conf' - got timeout\n",
  });
});

/** Looking cannot fail for want of what a tool needs; removing is how it clears up. */
function isWork(call: string): boolean {
  return /^(files\.write|volumes\.(allocate|copy)|machines\.(importImage|copyDisk|writeCloudInit))$/.test(
    call,
  );
}

function configOf(world: World, vmid: number): string | undefined {
  return world.files[`/etc/pve/nodes/vm/qemu-server/${vmid}.conf`]?.text;
}

function volumesOf(world: World, vmid: number): string[] {
  return Object.values(world.volumes).flatMap((guests) => Object.keys(guests[vmid] ?? {}));
}
