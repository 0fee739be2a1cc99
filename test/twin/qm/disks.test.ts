import { describe, expect, it } from 'vitest';
import { IMAGE, makeVm, nodeForVms } from './node-for-vms.ts';

describe('disks of VMs', () => {
  it('are imported with what the image holds, and cloned with it', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm template 8201');
    expect(await node.run('qm clone 8201 8202 --name linked')).toMatchObject({ rc: 0 });
    expect(await node.run('qm clone 8201 8203 --name full --full 1')).toMatchObject({ rc: 0 });
    for (const vmid of [8202, 8203]) {
      await node.run(`qm start ${vmid}`);
      await node.host.sleep(60_000);
      const { stdout } = await node.run(`qm guest exec ${vmid} -- hostname`);
      expect(JSON.parse(stdout)).toMatchObject({ exitcode: 0, 'out-data': 'debian\n' });
    }
    expect(node.config(8202)).toContain(
      'scsi0: local:8201/base-8201-disk-0.qcow2/8202/vm-8202-disk-0.qcow2,size=3G\n',
    );
    expect(await node.run('qm destroy 8201')).toMatchObject({ rc: 255 });
    expect(node.world.volumes['local']?.[8201]).toHaveProperty(['8201/base-8201-disk-0.qcow2']);
  });

  it('of a stopped VM are cloned by several at a time, while nobody changes it', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    const clones = [8202, 8203].map((vmid) => node.run(`qm clone 8201 ${vmid} --full 1`));
    await node.host.sleep(2_000);
    const change = node.run('qm set 8201 --name other');
    const ends = await Promise.all([...clones, change]);
    expect(ends.map(({ rc }) => rc)).toEqual([0, 0, 0]);
    expect(ends[2]?.stderr).toBe('trying to acquire lock...\n OK\n');
    expect(node.config(8203)).toMatch(/^name: Copy-of-VM-web$/m);
  });

  it('of a running VM are cloned by one at a time', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    const clones = [8202, 8203].map((vmid) => node.run(`qm clone 8201 ${vmid} --full 1`));
    const ends = await Promise.all(clones);
    expect(ends.map(({ rc }) => rc)).toEqual([0, 255]);
    expect(ends[1]?.stderr).toContain('got timeout');
  });

  it('of a raw base are cloned linked as qcow2', async () => {
    const node = nodeForVms();
    await node.run(`qm create 8201 --scsi0 local:0,import-from=${IMAGE}`);
    await node.run('qm template 8201');
    await node.run('qm clone 8201 8202');
    expect(node.config(8202)).toContain(
      'scsi0: local:8201/base-8201-disk-0.raw/8202/vm-8202-disk-0.qcow2,size=3G\n',
    );
  });

  it('leave nothing behind where a create fails', async () => {
    const node = nodeForVms();
    const { rc } = await node.run('qm create 8201 --scsi0 local:1 --scsi1 local:0,import-from=/none.img');
    expect(rc).toBe(255);
    expect(node.config(8201)).toBeUndefined();
    expect(Object.keys(node.world.volumes['local']?.[8201] ?? {})).toEqual([]);
  });

  it('are freed at once where their deletion is forced', async () => {
    const node = nodeForVms();
    await node.run('qm create 8201 --scsi0 local:1 --scsi1 local:1');
    await node.run('qm disk unlink 8201 --idlist scsi1 --force 1');
    expect(node.config(8201)).not.toContain('vm-8201-disk-1');
    expect(Object.keys(node.world.volumes['local']?.[8201] ?? {})).toEqual(['8201/vm-8201-disk-0.raw']);
  });

  it('leave the boot order with the device', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm set 8201 --delete ide2');
    expect(node.config(8201)).toMatch(/^boot: order=scsi0;net0$/m);
    expect(await node.run('qm set 8201 --boot order=scsi5')).toMatchObject({
      rc: 255,
      stderr: "invalid bootorder: device 'scsi5' does not exist'\n",
    });
  });

  it('go back to a snapshot with their content', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 0 });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    await node.run('qm snapshot 8201 clean');
    await node.run('qm guest exec 8201 --pass-stdin 1 -- tee /root/new', 'text');
    expect((await node.run('qm guest exec 8201 -- cat /root/new')).stdout).toContain('text');
    await node.run('qm rollback 8201 clean --start 1');
    const { stdout } = await node.run('qm guest exec 8201 -- cat /root/new');
    expect(JSON.parse(stdout)).toMatchObject({ exitcode: 1 });
  });

  it('with the memory of a VM beside them start where they were', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    expect(await node.run('qm snapshot 8201 warm --vmstate 1')).toMatchObject({ rc: 0 });
    expect(node.config(8201)).toMatch(/^vmstate: local:8201\/vm-8201-state-warm\.raw$/m);
    await node.run('qm stop 8201');
    await node.run('qm rollback 8201 warm');
    expect((await node.run('qm status 8201')).stdout).toBe('status: running\n');
    await node.run('qm delsnapshot 8201 warm');
    expect(node.world.volumes['local']?.[8201]).not.toHaveProperty(['8201/vm-8201-state-warm.raw']);
  });
});
