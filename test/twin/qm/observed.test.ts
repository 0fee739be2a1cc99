import { describe, expect, it } from 'vitest';
import { worldFromObservation } from '../../../src/twin/from-observation.ts';
import { createMemoryHost } from '../../../src/twin/memory-host.ts';
import { observeWorld } from '../../../src/twin/observe.ts';
import { runCommand } from '../../../src/twin/tools.ts';
import { makeVm, nodeForVms } from './node-for-vms.ts';

const NEEDS = { paths: [], volumesOf: [] };

describe('a twin of an observed node', () => {
  it('has its VMs as they are, and an observation of it prints the same', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm template 8201');
    await node.run('qm clone 8201 8202');
    await node.run('qm start 8202');
    await node.run('qm set 8202 --memory 2048 --ciuser other');
    const text = await observeWorld(node.world, node.host, { scope: 'all', needs: NEEDS });
    expect(text).toContain('running\tvm\t8202\n');
    const world = await worldFromObservation(text);
    const host = createMemoryHost(world);
    expect(await observeWorld(world, host, { scope: 'all', needs: NEEDS })).toBe(text);
    const run = (line: string) => runCommand(host, line.split(' '));
    expect(await run('qm guest cmd 8202 ping')).toMatchObject({ rc: 0 });
    expect(await run('qm reboot 8202')).toMatchObject({ rc: 0 });
    expect((await run('qm config 8202 --current')).stdout).toContain('memory: 2048\n');
    expect(await run('qm guest cmd 8202 ping')).toMatchObject({ rc: 255 });
    expect(await run('qm clone 8201 8203 --name third')).toMatchObject({ rc: 0 });
    expect(await run('qm start 8203')).toMatchObject({ rc: 0 });
    await host.sleep(60_000);
    expect(await run('qm guest exec 8203 -- true')).toMatchObject({ rc: 0 });
  });
});
