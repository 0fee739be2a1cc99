import { describe, expect, it } from 'vitest';
import { runTool } from '../../../src/twin/tools.ts';
import { makeVm, nodeForVms } from './node-for-vms.ts';

describe('starting and stopping VMs', () => {
  it('starts one that has nothing but its defaults', async () => {
    const node = nodeForVms();
    await node.run('qm create 8201');
    expect(await node.run('qm start 8201')).toMatchObject({ rc: 0, stderr: '' });
    expect((await node.run('qm list')).stdout).toMatch(/8201 VM 8201 +running/);
    expect(await node.run('qm start 8201')).toMatchObject({ rc: 255, stderr: 'VM 8201 already running\n' });
  });

  it('gets no answer to its power button from a disk without a system', async () => {
    const node = nodeForVms();
    await node.run('qm create 8201 --scsi0 local:1');
    await node.run('qm start 8201');
    const before = node.host.now();
    expect(await node.run('qm shutdown 8201 --timeout 20')).toMatchObject({
      rc: 255,
      stderr: 'VM quit/powerdown failed - got timeout\n',
    });
    expect(node.host.now() - before).toBe(20_000);
    expect(await node.run('qm shutdown 8201 --timeout 20 --forceStop 1')).toMatchObject({ rc: 0 });
    expect((await node.run('qm status 8201')).stdout).toBe('status: stopped\n');
  });

  it('does not shut a paused one down, but stops it where forced', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    await node.run('qm suspend 8201');
    expect((await node.run('qm status 8201')).stdout).toBe('status: paused\n');
    expect(await node.run('qm shutdown 8201')).toMatchObject({ stderr: 'VM is paused - cannot shutdown\n' });
    expect(await node.run('qm shutdown 8201 --forceStop 1')).toMatchObject({ rc: 0 });
  });

  it.each([
    ['--cores 3', 'MAX 2 vcpus allowed per VM on this node\n'],
    ['--net0 virtio,bridge=vmbr9', 'start failed: QEMU exited with code 1\n'],
  ])('refuses what the node cannot give: %s', async (words, stderr) => {
    const node = nodeForVms();
    expect(await node.run(`qm create 8201 ${words}`)).toMatchObject({ rc: 0 });
    expect(await node.run('qm start 8201')).toMatchObject({ rc: 255, stderr });
  });

  it('refuses to start without a disk that has gone', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('pvesm free local:8201/vm-8201-disk-0.qcow2');
    expect(await node.run('qm start 8201')).toMatchObject({
      rc: 255,
      stderr: "volume 'local:8201/vm-8201-disk-0.qcow2' does not exist\n",
    });
  });

  it('waits until one has stopped', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    const [stopped, waited] = await Promise.all([node.run('qm shutdown 8201'), node.run('qm wait 8201')]);
    expect([stopped.rc, waited.rc]).toEqual([0, 0]);
  });

  it('has no virtual machines on a host without them', async () => {
    const { machines: _, ...host } = nodeForVms().host;
    expect(await runTool(host, ['qm', 'create', '8201'])).toMatchObject({
      rc: 255,
      stderr: 'virtual machines are not available on this node\n',
    });
  });
});
