import { describe, expect, test } from 'vitest';
import { TEMPLATE, wanted } from './given.ts';
import { converge, done, lab, problems, stateOf } from './on-twin.ts';
import { countOperations, kills } from './kills.ts';

const BASE = wanted({
  vmid: 8100,
  name: 'base',
  template: `local:vztmpl/${TEMPLATE}`,
  storage: 'local-btrfs',
  rootfsGiB: 1,
  unprivileged: true,
  templateSnapshotName: 'final-form',
  nics: [{ name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.80/24', gateway: '10.99.0.1' }],
  volumes: [{ storage: 'local-btrfs', sizeGiB: 1, path: '/cache' }],
  rawLines: [['lxc.apparmor.profile', 'unconfined']],
});

const CLONE = wanted({
  vmid: 8101,
  name: 'web',
  cloneFrom: { vmid: 8100, snapshot: 'final-form' },
  unprivileged: true,
  memoryMiB: 1024,
  rootfsGiB: 2,
  tags: ['a'],
  nics: [{ name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.81/24', gateway: '10.99.0.1' }],
  firewall: {
    enabled: true,
    rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '80' }],
  },
  lifecycleSnapshots: true,
});

const EXPECTED_8100 = `#phoenix%3A phoenix/8100
arch: amd64
hostname: base
memory: 512
mp0: local-btrfs:8100/vm-8100-disk-N.raw,mp=/cache,size=1G
net0: name=eth0,bridge=vmbr0,gw=10.99.0.1,hwaddr=56:E5:E8:13:58:43,ip=10.99.0.80/24,type=veth
ostype: debian
parent: final-form
rootfs: local-btrfs:8100/vm-8100-disk-N.raw,size=1G
swap: 512
unprivileged: 1
lxc.apparmor.profile: unconfined

[final-form]
arch: amd64
hostname: base
memory: 512
mp0: local-btrfs:8100/vm-8100-disk-N.raw,mp=/cache,size=1G
net0: name=eth0,bridge=vmbr0,gw=10.99.0.1,hwaddr=56:E5:E8:13:58:43,ip=10.99.0.80/24,type=veth
ostype: debian
rootfs: local-btrfs:8100/vm-8100-disk-N.raw,size=1G
snaptime: N
swap: 512
unprivileged: 1
lxc.apparmor.profile: unconfined
`;

const EXPECTED_8101 = `#phoenix%3A phoenix/8101
arch: amd64
hostname: web
memory: 1024
net0: name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=BC,ip=10.99.0.81/24,type=veth
ostype: debian
parent: final-form
rootfs: local-btrfs:8101/vm-8101-disk-N.raw,size=2G
swap: 512
tags: a
unprivileged: 1
unused0: local-btrfs:8101/vm-8101-disk-N.raw

[final-form]
arch: amd64
hostname: web
memory: 1024
net0: name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=BC,ip=10.99.0.81/24,type=veth
ostype: debian
parent: pre-configured
rootfs: local-btrfs:8101/vm-8101-disk-N.raw,size=2G
snaptime: N
swap: 512
tags: a
unprivileged: 1

[pre-configured]
arch: amd64
hostname: web
memory: 1024
net0: name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=BC,ip=10.99.0.81/24,type=veth
ostype: debian
rootfs: local-btrfs:8101/vm-8101-disk-N.raw,size=2G
snaptime: N
swap: 512
tags: a
unprivileged: 1
`;

const BOTH = [BASE, CLONE];

describe('from nothing', () => {
  test('to a golden container and a clone of it; the second run does nothing', async () => {
    const node = lab();
    const first = await converge(node, BOTH);
    expect(problems(first)).toEqual([]);
    expect(first?.targets.map(({ result }) => result)).toEqual(['changed', 'changed']);
    expect(stateOf(node, 8100)['/etc/pve/nodes/vm/lxc/8100.conf']).toBe(EXPECTED_8100);
    expect(stateOf(node, 8101)['/etc/pve/nodes/vm/lxc/8101.conf']).toBe(EXPECTED_8101);
    const [pid, second] = [node.world.guests[8101]?.running?.pid, await converge(node, BOTH)];
    expect(second?.targets.map(({ result, operations }) => [result, operations])).toEqual([
      ['unchanged', []],
      ['unchanged', []],
    ]);
    expect(node.world.guests[8101]?.running?.pid).toBe(pid);
    expect(node.world.guests[8100]?.running).toBeUndefined();
  });
});

describe('a change', () => {
  test('of a running container: live at once, the rest with the one restart that is allowed', async () => {
    const node = lab();
    await converge(node, BOTH);
    const changed = { ...CLONE, memoryMiB: 900, nameservers: ['9.9.9.9'], lifecycleSnapshots: false };
    const first = await converge(node, [BASE, changed]);
    expect(done(first)).toEqual([
      "pct set 8101 --memory 900 --nameserver 9.9.9.9 --digest '<digest of 8101>'",
    ]);
    expect(first?.exitCode).toBe(3);
    expect(first?.targets[1]?.left.map(({ attribute, after }) => [attribute, after])).toEqual([
      ['restart', 'nameserver'],
    ]);
    expect(done(await converge(node, [BASE, changed]))).toEqual([]);
    const restarted = await converge(node, [BASE, changed], { allow: ['restart'] });
    expect(done(restarted)).toEqual(['pct shutdown 8101 --timeout 60', 'pct start 8101']);
    expect(restarted?.exitCode).toBe(0);
    expect((await converge(node, [BASE, changed]))?.exitCode).toBe(0);
  });

  test("a mount comes live, someone else's stays, ours goes with a restart and is then forgotten", async () => {
    const node = lab();
    const plain = { ...CLONE, lifecycleSnapshots: false };
    await converge(node, [BASE, plain]);
    const path = '/etc/pve/nodes/vm/lxc/8101.conf';
    const theirs = (text: string): string => text.replace('hostname:', 'mp5: /srv,mp=/theirs\nhostname:');
    await node.host.files.write(path, theirs(node.world.files[path]?.text ?? ''));
    const mounted = { ...plain, mounts: [{ hostPath: '/srv', path: '/s' }] };
    expect(done(await converge(node, [BASE, mounted]))).toEqual([
      "pct set 8101 --mp0 /srv,mp=/s --digest '<digest of 8101>'",
    ]);
    expect((await converge(node, [BASE, plain]))?.exitCode).toBe(3);
    expect((await converge(node, [BASE, plain], { allow: ['restart'] }))?.exitCode).toBe(0);
    const text = node.world.files[path]?.text ?? '';
    expect(text).toContain('mp5: /srv,mp=/theirs');
    expect(text).not.toContain('mp=/s');
    expect(done(await converge(node, [BASE, plain]))).toEqual([]);
    expect(node.world.files['/etc/pve/priv/phoenix/8101.json']?.text).not.toContain('/s');
  });
});

describe('verbs', () => {
  test('restart is a stop and a start, delete leaves nothing', async () => {
    const node = lab();
    await converge(node, BOTH);
    const restart = await converge(node, [CLONE], { machine: 'restart', verb: 'restart' });
    expect(done(restart)).toEqual(['pct shutdown 8101 --timeout 60', 'pct start 8101']);
    const stop = await converge(node, [CLONE], { machine: 'stop', verb: 'stop' });
    expect(done(stop)).toEqual(['pct shutdown 8101 --timeout 60']);
    const gone = await converge(node, [CLONE], { machine: 'delete', verb: 'delete' });
    expect(problems(gone)).toEqual([]);
    expect(stateOf(node, 8101)).toEqual({});
    expect(node.world.volumes['local-btrfs']?.[8101] ?? {}).toEqual({});
  });
});

describe('Phoenix killed at any operation', () => {
  test.each(kills([1, 6, 11, 16]))(
    '%s: the next plain run reaches the same state',
    { timeout: 60_000 },
    async (_, fault) => {
      const whole = lab();
      await converge(whole, BOTH);
      const count = await countOperations(BOTH);
      expect(count).toBeGreaterThan(15);
      for (let struck = 0; struck < count; struck += 1) {
        const node = lab();
        await converge(node, BOTH, { faults: (_operation, index) => (index === struck ? fault : undefined) });
        const again = await converge(node, BOTH);
        const at = `operation ${struck}`;
        expect([at, problems(again), again?.exitCode]).toEqual([at, [], 0]);
        for (const vmid of [8100, 8101])
          expect([at, stateOf(node, vmid)]).toEqual([at, stateOf(whole, vmid)]);
        expect([at, done(await converge(node, BOTH))]).toEqual([at, []]);
      }
    },
  );
});
