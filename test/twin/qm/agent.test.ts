import { describe, expect, it } from 'vitest';
import { makeVm, nodeForVms } from './node-for-vms.ts';

const PING = 'qm guest cmd 8201 ping';
const DOWN = { rc: 255, stderr: 'QEMU guest agent is not running\n' };

describe('the guest agent', () => {
  it('is late: it answers when its system has booted, and again only after a reset', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 30_000 });
    await makeVm(node, 8201);
    expect(await node.run(PING)).toMatchObject({ rc: 2, stderr: 'VM 8201 is not running\n' });
    await node.run('qm start 8201');
    expect(await node.run(PING)).toMatchObject(DOWN);
    await node.host.sleep(30_000);
    expect(await node.run(PING)).toMatchObject({ rc: 0, stdout: '' });
    await node.run('qm reset 8201');
    expect(await node.run(PING)).toMatchObject(DOWN);
  });

  it('is absent: a system without one never answers', async () => {
    const node = nodeForVms({ isInstalled: false });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    await node.host.sleep(3_600_000);
    expect(await node.run(PING)).toMatchObject(DOWN);
  });

  it('does not answer without a channel, and has none until a restart', async () => {
    const node = nodeForVms();
    await makeVm(node, 8201);
    await node.run('qm set 8201 --agent 0');
    await node.run('qm start 8201');
    await node.run('qm set 8201 --agent 1');
    await node.host.sleep(60_000);
    expect(node.config(8201)).toMatch(/\[PENDING\]\nagent: 1\n/);
    expect(await node.run(PING)).toMatchObject(DOWN);
    await node.run('qm reboot 8201');
    await node.host.sleep(60_000);
    expect(await node.run(PING)).toMatchObject({ rc: 0 });
  });

  it('dies half-way: after so many answers it is silent', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 0, answersLeft: 3 });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    const whole = await node.run('qm guest exec 8201 -- echo one');
    expect(JSON.parse(whole.stdout)).toEqual({
      exitcode: 0,
      exited: 1,
      'out-data': 'one\n',
      'out-truncated': 0,
    });
    expect(await node.run(PING)).toMatchObject(DOWN);
  });

  it('is silent while the VM is paused', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 0 });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    await node.run('qm suspend 8201');
    expect(await node.run(PING)).toMatchObject(DOWN);
    await node.run('qm resume 8201');
    expect(await node.run(PING)).toMatchObject({ rc: 0 });
  });

  it('tells of a program started apart when asked, and of its end once', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 0 });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    const started = await node.run('qm guest exec 8201 --synchronous 0 -- sleep 60');
    const { pid } = JSON.parse(started.stdout) as { pid: number };
    const ask = `qm guest exec-status 8201 ${pid}`;
    expect(JSON.parse((await node.run(ask)).stdout)).toEqual({ exited: 0 });
    await node.host.sleep(60_000);
    expect(JSON.parse((await node.run(ask)).stdout)).toEqual({ exitcode: 0, exited: 1 });
    expect(await node.run(ask)).toMatchObject({ rc: 29, stderr: "Agent error: Invalid parameter 'pid'\n" });
  });

  it('sets a password that is given twice', async () => {
    const node = nodeForVms({ isInstalled: true, startsAfterMs: 0 });
    await makeVm(node, 8201);
    await node.run('qm start 8201');
    expect(await node.run('qm guest passwd 8201 root', 'secret\nsecret\n')).toMatchObject({ rc: 0 });
    expect((await node.run('qm guest passwd 8201 root', 'secret\nother1\n')).rc).toBe(255);
  });
});
