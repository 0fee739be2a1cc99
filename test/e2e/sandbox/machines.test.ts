import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustRun } from '../../../src/sandbox/command.ts';
import { inMachine } from '../in-machine.ts';
import { NEEDS, type TestSandbox, eventually, openForTest } from './open-for-test.ts';

const IMAGE = 'debian-12-genericcloud-amd64.qcow2';

let node: TestSandbox;
let key: string;
beforeAll(async () => {
  node = await openForTest({
    ...NEEDS,
    templates: [],
    hasMachines: true,
    images: [
      { file: IMAGE, url: `https://cloud.debian.org/x/${IMAGE}`, path: `/var/lib/vz/import/${IMAGE}` },
    ],
  });
  key = join(node.folder, '..', 'key');
  await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await node.must('sh', '-c', `umask 077; cat >/root/key.pub <<'END'\n${await read(`${key}.pub`)}END`);
});
afterAll(() => node.dispose());

async function read(path: string): Promise<string> {
  return await mustRun(['cat', path]);
}

/** Runs a program in a VM by its agent and gives what it printed. */
const inside = (vmid: number, ...argv: readonly string[]) => inMachine(node, vmid, ...argv);

async function agent(vmid: number): Promise<void> {
  const ping = async () =>
    (await node.run('qm', 'agent', String(vmid), 'ping')).code === 0 ? true : undefined;
  await eventually(ping, PATIENCE_MS).catch(async () => {
    throw new Error(`no agent: ${await node.must('tail', '-n', '40', `/var/run/qemu-server/${vmid}.serial0.log`)}`);
  }); // prettier-ignore
}

/** Waits until Cloud-Init has come to its end; the program that tells it would slow it down. */
async function settled(vmid: number): Promise<void> {
  await agent(vmid);
  const done = async () =>
    inside(vmid, 'test', '-e', '/run/cloud-init/result.json').then(
      () => true as const,
      () => undefined,
    );
  await eventually(done, PATIENCE_MS);
}

/** A boot in software emulation on a machine that has much else to do. */
const PATIENCE_MS = 540_000;

const net = (host: number) => `ip=10.77.0.${host}/24,gw=10.77.0.1`;

test('a golden template is made from a cloud image', async () => {
  await node.must(
    'qm', 'create', '900', '--name', 'golden', '--memory', '512', '--cores', '2', '--scsihw', 'virtio-scsi-single',
    '--scsi0', `local:0,import-from=/var/lib/vz/import/${IMAGE},format=qcow2,discard=on`, '--ide2', 'local:cloudinit',
    '--boot', 'order=scsi0', '--net0', 'virtio,bridge=vmbr0', '--agent', 'enabled=1', '--serial0', 'socket',
    '--ciuser', 'joe', '--sshkeys', '/root/key.pub', '--ciupgrade', '0', '--nameserver', '10.77.0.1',
    '--ipconfig0', net(90), '--ostype', 'l26',
  ); // prettier-ignore
  await node.must('qm', 'resize', '900', 'scsi0', '3G');
  await node.must('qm', 'start', '900');
  expect(await node.must('qm', 'status', '900')).toBe('status: running');
  const pid = await node.must('cat', '/var/run/qemu-server/900.pid');
  expect(await node.must('cat', `/proc/${pid}/comm`)).toMatch(/^(kvm|qemu)/);
  await settled(900);
  expect(await inside(900, 'hostname')).toBe('golden');
  expect(await inside(900, 'id', '-un', 'joe')).toBe('joe');
  expect(await inside(900, 'ip', '-br', '-4', 'address', 'show', 'eth0')).toContain('10.77.0.90/24');
  expect(
    Number(await inside(900, 'sh', '-c', 'df -BM --output=size / | tail -n 1 | tr -dc 0-9')),
  ).toBeGreaterThan(2500);
  await node.must('qm', 'shutdown', '900', '--timeout', '120');
  expect(await node.must('qm', 'status', '900')).toBe('status: stopped');
  await node.must('qm', 'template', '900');
  expect(await node.must('qm', 'config', '900')).toContain('scsi0: local:900/base-900-disk-0.qcow2');
});

test('a linked clone boots with an identity of its own, beside the node and with the way out', async () => {
  await node.must('qm', 'clone', '900', '901', '--name', 'web');
  expect(await node.must('qm', 'config', '901')).toContain(
    'local:900/base-900-disk-0.qcow2/901/vm-901-disk-0.qcow2',
  );
  await node.must('qm', 'set', '901', '--ipconfig0', net(91));
  await node.must('qm', 'start', '901');
  await settled(901);
  expect(await inside(901, 'hostname')).toBe('web');
  const ssh = ['ssh', '-i', '/root/key', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'];
  await node.must('sh', '-c', `umask 077; cat >/root/key <<'END'\n${await read(key)}END`);
  expect(await node.must(...ssh, 'joe@10.77.0.91', 'id', '-un')).toContain('joe');
  expect(await inside(901, 'getent', 'hosts', 'deb.debian.org')).toContain('deb.debian.org');
}); // prettier-ignore

test('disks and NICs are plugged into it, and a disk grows, while it runs', async () => {
  await node.must('qm', 'set', '901', '--scsi1', 'local:1,format=qcow2');
  const sizes = async () =>
    await inside(901, 'sh', '-c', 'for d in /sys/block/sd*; do cat $d/size; done | sort -n | xargs');
  await eventually(async () => ((await sizes()) === '2097152 6291456' ? true : undefined));
  await node.must('qm', 'resize', '901', 'scsi1', '2G');
  await eventually(async () => ((await sizes()) === '4194304 6291456' ? true : undefined));
  await node.must('qm', 'set', '901', '--net1', 'virtio=02:00:00:00:00:91,bridge=vmbr0');
  await eventually(async () =>
    (await inside(901, 'ip', '-br', 'link')).includes('02:00:00:00:00:91') ? true : undefined,
  );
  await node.must('qm', 'set', '901', '--delete', 'net1');
  await eventually(async () =>
    (await inside(901, 'ip', '-br', 'link')).includes('02:00:00:00:00:91') ? undefined : true,
  );
  await node.must('qm', 'set', '901', '--delete', 'scsi1');
  expect(await node.must('qm', 'config', '901')).toContain('unused0: local:901/vm-901-disk-1.qcow2');
});

test('a snapshot of it while it runs is gone back to', async () => {
  await inside(901, 'sh', '-c', 'echo before >/root/mark && sync');
  await node.must('qm', 'snapshot', '901', 'first');
  await inside(901, 'sh', '-c', 'echo after >/root/mark && sync');
  await node.must('qm', 'rollback', '901', 'first');
  expect(await node.must('qm', 'status', '901')).toBe('status: stopped');
  await node.must('qm', 'start', '901');
  await agent(901);
  expect(await inside(901, 'cat', '/root/mark')).toBe('before');
});

test('a full clone stands alone, and destroyed ones leave nothing', async () => {
  await node.must('qm', 'stop', '901');
  await node.must('qm', 'clone', '901', '902', '--full', '1');
  await node.must('qm', 'destroy', '901', '--purge', '1');
  await node.must('qm', 'start', '902');
  await agent(902);
  await node.must('qm', 'stop', '902');
  await node.must('qm', 'destroy', '902', '--purge', '1');
  await node.must('qm', 'destroy', '900', '--purge', '1');
  expect(await node.must('pvesm', 'list', 'local')).not.toContain('disk');
  expect(await node.must('sh', '-c', 'ls /var/run/qemu-server; ls /run/phoenix-sandbox/disk/volumes/local')).toBe('');
}); // prettier-ignore

test('a reset of the sandbox ends its machines', async () => {
  await node.must('qm', 'create', '903', '--memory', '64', '--net0', 'virtio,bridge=vmbr0');
  await node.must('qm', 'start', '903');
  const pid = await node.must('cat', '/var/run/qemu-server/903.pid');
  await node.dispose();
  const isGone = () =>
    mustRun(['test', '-d', `/proc/${pid}`]).then(
      () => false,
      () => true,
    );
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
});
