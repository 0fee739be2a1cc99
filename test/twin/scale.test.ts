import { expect, test } from 'vitest';
import { faultyHost } from '../../src/twin/faults.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runTool } from '../../src/twin/tools.ts';
import { freshWorld, type World } from '../../src/twin/world.ts';

test('a command on one guest asks the host no more in a world of a thousand', async () => {
  const [few, many] = await Promise.all([countCalls(crowd(3)), countCalls(crowd(1000))]);
  expect(many).toEqual(few);
});

test('a world of a thousand containers answers a thousand commands in little time', async () => {
  const host = createMemoryHost(crowd(1000));
  const before = performance.now();
  for (let vmid = 10_000; vmid < 11_000; vmid++) {
    const result = await runTool(host, ['pct', 'set', String(vmid), '--memory', '700']);
    expect(result.rc).toBe(0);
  }
  expect(performance.now() - before).toBeLessThan(10_000);
  expect((await runTool(host, ['pct', 'list'])).stdout.split('\n').length).toBe(1004);
});

test('a world survives JSON: its commands answer the same', async () => {
  const world = crowd(2);
  await runTool(createMemoryHost(world), ['pct', 'start', '10000']);
  const copy = JSON.parse(JSON.stringify(world)) as World;
  const argv = ['pct', 'set', '10000', '--net0', 'name=eth0,bridge=vmbr0,ip=dhcp'];
  const answers = [];
  for (const each of [world, copy]) {
    const result = await runTool(createMemoryHost(each), argv);
    answers.push({ ...result, text: each.files['/etc/pve/nodes/vm/lxc/10000.conf']?.text });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]?.text).toMatch(/hwaddr=BC:24:11:/);
});

async function countCalls(world: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const counted = faultyHost(createMemoryHost(world), (call) => {
    counts[call] = (counts[call] ?? 0) + 1;
    return undefined;
  });
  const template = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
  for (const argv of [
    ['create', '8101', template, '--rootfs', 'local:1', '--mp0', 'local:1,mp=/data'],
    ['set', '10001', '--memory', '700'],
    ['start', '10001'],
    ['clone', '8101', '8102'],
    ['destroy', '8102'],
  ]) {
    expect((await runTool(counted, ['pct', ...argv])).rc).toBe(0);
  }
  return counts;
}

function crowd(size: number): World {
  const world = freshWorld();
  for (let vmid = 10_000; vmid < 10_000 + size; vmid++) {
    const name = `${vmid}/vm-${vmid}-disk-0.raw`;
    world.files[`/etc/pve/nodes/vm/lxc/${vmid}.conf`] = {
      type: 'file',
      text: `arch: amd64\nhostname: c${vmid}\nmemory: 512\nostype: debian\nrootfs: local:${name},size=1G\nswap: 512\n`,
    };
    (world.volumes['local'] ??= {})[vmid] = {
      [name]: {
        vmid,
        format: 'raw',
        sizeBytes: 1024 ** 3,
        content: { files: {}, facts: [] },
        snapshots: {},
      },
    };
  }
  return world;
}
