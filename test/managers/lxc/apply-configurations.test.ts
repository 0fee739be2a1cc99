import { describe, expect, test } from 'vitest';
import { applyConfigurations as step } from '../../../src/managers/lxc/apply-configurations.ts';
import type { DesiredContainer } from '../../../src/model/desired.ts';
import type { PveOperation } from '../../../src/model/operation.ts';
import { fillOperation } from '../../../src/pve/fill.ts';
import { renderArgv } from '../../../src/pve/render.ts';
import { ask, asked, codes, commands, effects, guest, MINIMAL, OURS, record, type Given } from '../given.ts';

const DIGEST = "--digest '<digest of 8101>'";

/** Recording lxc-create-full, with our line. */
const FULL = `#first line
#second%3A 100%25 "quoted" %C3%A9
${OURS}arch: amd64
cmode: tty
console: 1
cores: 2
cpulimit: 1.5
cpuunits: 200
features: nesting=1,keyctl=1
hostname: web
memory: 768
nameserver: 10.0.0.1 8.8.8.8
net0: name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=52:54:00:AA:BB:CC,ip=10.99.0.81/24,mtu=1400,rate=12,tag=20,type=veth
onboot: 1
ostype: debian
protection: 0
rootfs: local:8101/vm-8101-disk-0.raw,size=1G
searchdomain: lab.internal
startup: order=3,up=5,down=10
swap: 128
tags: prod;web
timezone: host
tty: 2
unprivileged: 1
`;

const NIC = { name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.81/24', gateway: '10.99.0.1' };

const AS_FULL: Partial<DesiredContainer> = {
  cores: 2,
  memoryMiB: 768,
  swapMiB: 128,
  startAtBoot: true,
  startup: { order: 3, up: 5, down: 10 },
  nameservers: ['10.0.0.1', '8.8.8.8'],
  searchDomain: 'lab.internal',
  timezone: 'host',
  protection: false,
  unprivileged: true,
  pctFeatures: { keyctl: '1', nesting: '1' },
  tags: ['web', 'Prod', 'WEB'],
  notes: 'first line\nsecond: 100% "quoted" é',
  rootfsGiB: 1,
  nics: [NIC],
};

/** A stopped container with this config text, asked with this definition. */
function plan(
  text: string,
  desired: Partial<DesiredContainer>,
  more: Given & { readonly running?: boolean } = {},
) {
  const { running = false, ...given } = more;
  const found = given.guest ?? guest(text, { running });
  return ask(step, { ...given, guest: found, desired });
}

describe('pct set', () => {
  test('nothing where the config says what the folder says, however it is spelt', () => {
    for (const running of [false, true]) {
      const found = guest(FULL, { running, nodeRecord: record({ nics: ['eth0'] }) });
      const answer = plan('', AS_FULL, { guest: found });
      expect(answer).toMatchObject({ changes: [], operations: [], diagnostics: [] });
    }
  });

  test('D-35: one call with exactly the keys that differ', () => {
    const answer = plan(FULL, { ...AS_FULL, memoryMiB: 1024, cores: 4, tags: ['x'], notes: 'first line' });
    expect(commands(answer)).toEqual([
      `pct set 8101 --memory 1024 --cores 4 --tags x --description 'first line\nphoenix: phoenix/8101' ${DIGEST}`,
    ]);
    expect(answer.operations.at(-1)?.changes).toEqual(['memory', 'cores', 'tags', 'description']);
  });

  test('what the folder does not mention is not managed', () => {
    expect(plan(FULL, {}).changes).toEqual([]);
  });

  test.each([
    ['memory', { memoryMiB: 512 }, 'live'],
    ['swap', { swapMiB: 0 }, 'live'],
    ['cores', { cores: 1 }, 'live'],
    ['hostname', { name: 'renamed' }, 'live'],
    ['onboot', { startAtBoot: false }, 'live'],
    ['startup', { startup: { order: 1 } }, 'live'],
    ['tags', { tags: [] }, 'live'],
    ['description', { notes: 'other' }, 'live'],
    ['protection', { protection: true }, 'live'],
    ['nameserver', { nameservers: ['9.9.9.9'] }, 'restart'],
    ['searchdomain', { searchDomain: 'a.b' }, 'restart'],
    ['timezone', { timezone: 'Europe/Berlin' }, 'restart'],
    ['features', { pctFeatures: { nesting: '1' } }, 'restart'],
    ['nic eth0', { nics: [{ name: 'eth0', ip: '10.99.0.82/24' }] }, 'interrupts-network'],
    ['nic eth1', { nics: [NIC, { name: 'eth1', bridge: 'vmbr0' }] }, 'live'],
    ['mount /data', { volumes: [{ storage: 'local', sizeGiB: 1, path: '/data' }] }, 'live'],
    ['device /dev/fuse', { devices: [{ path: '/dev/fuse' }] }, 'live'],
    ['size of /', { rootfsGiB: 2 }, 'live'],
    ['line lxc.tty.max: 2', { rawLines: [['lxc.tty.max', '2']] as const }, 'restart'],
  ])('on a running container %s has its effect, on a stopped one none', (attribute, change, effect) => {
    const running = plan(FULL, change, { running: true });
    const stopped = plan(FULL, change);
    expect(effects(running)).toEqual({ [attribute]: effect });
    expect(effects(stopped)).toEqual({ [attribute]: 'live' });
    expect(commands(stopped)).toHaveLength(1);
    expect(commands(running)).toHaveLength(effect === 'interrupts-network' ? 0 : 1);
  });

  test('features that the folder wants to be none are deleted', () => {
    expect(commands(plan(FULL, { pctFeatures: {} }))).toEqual([`pct set 8101 --delete features ${DIGEST}`]);
    expect(plan(MINIMAL, { pctFeatures: {} }).changes).toEqual([]);
    expect(plan(MINIMAL, { pctFeatures: { nesting: '0' } }).changes).toEqual([]);
  });

  test('adoption keeps the notes and adds our line', () => {
    const answer = plan('', {}, { guest: guest(`#mine%3A\n${MINIMAL.slice(OURS.length)}`), adopt: true });
    expect(commands(answer)).toEqual([`pct set 8101 --description 'mine:\nphoenix: phoenix/8101' ${DIGEST}`]);
  });
});

describe('what waits for the next start', () => {
  const waiting = (lines: string): string => `${MINIMAL}\n[pve:pending]\n${lines}`;

  test.each([
    ['the wanted value satisfies', 'nameserver: 9.9.9.9\n', { nameservers: ['9.9.9.9'] }, []],
    [
      'a contradicting value is set anew',
      'nameserver: 8.8.8.8\n',
      { nameservers: ['9.9.9.9'] },
      [`pct set 8101 --nameserver 9.9.9.9 ${DIGEST}`],
    ],
    [
      'a contradicting value where the current one is right is reverted',
      'features: nesting=1\n',
      { pctFeatures: {} },
      [`pct set 8101 --revert features ${DIGEST}`],
    ],
    [
      'a removal where the current value is right is reverted',
      'delete: hostname\n',
      { name: 'web' },
      [`pct set 8101 --revert hostname ${DIGEST}`],
    ],
    ["someone else's stays", 'tty: 3\n', {}, []],
  ])('%s', (_, lines, desired, expected) => {
    expect(commands(plan(waiting(lines), desired, { running: true }))).toEqual(expected);
  });

  test('mounts: satisfied, reverted, and found by either path (recording lxc-set-running)', () => {
    const text = `${MINIMAL}mp0: local:8101/vm-8101-disk-1.raw,mp=/data,size=1G
mp1: /srv,mp=/s

[pve:pending]
delete: mp1
mp0: local:8101/vm-8101-disk-1.raw,mp=/moved
`;
    const volume = (path: string) => ({ volumes: [{ storage: 'local', sizeGiB: 1, path }] });
    const bind = { mounts: [{ hostPath: '/srv', path: '/s' }] };
    expect(commands(plan(text, volume('/moved'), { running: true }))).toEqual([]);
    expect(commands(plan(text, { ...volume('/data'), ...bind }, { running: true }))).toEqual([
      `pct set 8101 --revert mp0,mp1 ${DIGEST}`,
    ]);
  });
});

describe('NICs', () => {
  test('keep the address and the flags that the folder does not mention', () => {
    const answer = plan(FULL, { nics: [{ ...NIC, ip: '10.99.0.82/24' }] });
    expect(commands(answer)).toEqual([
      `pct set 8101 --net0 'name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=<mac of net0>,ip=10.99.0.82/24,mtu=1400,rate=12,tag=20,type=veth' ${DIGEST}`,
    ]);
  });

  test('the address that is there goes back filled in, and the digest with it', () => {
    const given: Given = { guest: guest(FULL), desired: { nics: [{ name: 'eth0', ip: 'dhcp' }] } };
    const { node } = asked(given).observed;
    const set = ask(step, given).operations.find((one) => one.op === 'pve');
    expect(renderArgv(fillOperation(set as PveOperation, node) as PveOperation)).toEqual([
      'pct',
      'set',
      '8101',
      '--net0',
      'name=eth0,bridge=vmbr0,firewall=1,hwaddr=52:54:00:AA:BB:CC,ip=dhcp,mtu=1400,rate=12,tag=20,type=veth',
      '--digest',
      node.guests.get(8101)?.digest,
    ]);
  });

  test('a declared address is compared in either case', () => {
    expect(plan(FULL, { nics: [{ ...NIC, mac: '52:54:00:aa:bb:cc' }] }).changes).toEqual([]);
  });

  test('an enabled firewall sets the flag of every NIC', () => {
    const text = FULL.replace('firewall=1,', '');
    const answer = plan(text, { nics: [NIC], firewall: { enabled: true, rules: [] } });
    expect(commands(answer)[0]).toContain('type=veth,firewall=1');
  });

  test('a change on a running container needs consent', () => {
    const nics = [{ ...NIC, ip: '10.99.0.82/24' }];
    expect(commands(plan(FULL, { nics }, { running: true }))).toEqual([]);
    expect(commands(plan(FULL, { nics }, { running: true, allow: ['interrupts-network'] }))).toHaveLength(1);
  });

  test('one under another name keeps its address and its place', () => {
    const found = (nics: readonly string[]) => guest(FULL, { nodeRecord: record({ nics }) });
    const nics = [{ ...NIC, name: 'lan0' }];
    expect(commands(plan('', { nics }, { guest: found(['eth0']) }))).toEqual([
      `pct set 8101 --net0 'name=lan0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=<mac of net0>,ip=10.99.0.81/24,mtu=1400,rate=12,tag=20,type=veth' ${DIGEST}`,
    ]);
    const two = plan('', { nics: [...nics, { name: 'lan1' }] }, { guest: found(['eth0']) });
    expect(effects(two)).toEqual({ 'nic lan0': 'live', 'nic lan1': 'live', 'nic eth0': 'live' });
    expect(effects(plan('', { nics }, { guest: found([]) }))).toEqual({ 'nic lan0': 'live' });
  });

  test("ours that the folder no longer has goes, someone else's stays", () => {
    const ours = guest(FULL, { nodeRecord: record({ nics: ['eth0'] }) });
    expect(commands(plan('', { nics: [] }, { guest: ours }))).toEqual([
      `pct set 8101 --delete net0 ${DIGEST}`,
    ]);
    expect(plan('', { nics: [] }, { guest: guest(FULL) }).changes).toEqual([]);
  });
});

describe('mounts', () => {
  const volumes = [{ storage: 'local', sizeGiB: 1, path: '/data' }];
  const mounts = [{ hostPath: '/srv', path: '/s' }];
  const MOUNTED = `${MINIMAL}mp0: local:8101/vm-8101-disk-1.raw,mp=/data,backup=1,size=1G
mp2: /srv,mp=/s,ro=1
`;

  test('D-20: a volume is allocated once, wherever it stands', () => {
    const first = plan(MINIMAL, { volumes });
    expect(commands(first)).toEqual([`pct set 8101 --mp0 local:1,mp=/data ${DIGEST}`]);
    expect(first.operations.at(-1)?.gates).toEqual(['storage:local']);
    for (const key of ['mp0', 'mp1', 'mp17']) {
      const text = `${MINIMAL}${key}: local:8101/vm-8101-disk-1.raw,mp=/data,size=1G\n`;
      expect(plan(text, { volumes }).changes).toEqual([]);
    }
  });

  test('a new volume beside one that was detached is warned of', () => {
    const detached = `${MINIMAL}unused0: local:8101/vm-8101-disk-1.raw\n`;
    const answer = plan(detached, { volumes });
    expect(answer.diagnostics).toMatchObject([
      {
        code: 'lxc/unused-volume',
        severity: 'warning',
        remedy: expect.stringContaining(
          'pct set 8101 --mp0 local:8101/vm-8101-disk-1.raw,mp=/data',
        ) as string,
      },
    ]);
    expect(codes(plan(detached, { mounts }))).toEqual([]);
    const attached = `${detached}mp0: local:8101/vm-8101-disk-2.raw,mp=/data,size=1G\n`;
    expect(codes(plan(attached, { volumes }))).toEqual([]);
  });

  test('D-21: a new one takes the lowest free index, never one that is taken', () => {
    const answer = plan(MOUNTED, {
      volumes: [...volumes, { storage: 'local', sizeGiB: 2, path: '/more' }],
      mounts: [...mounts, { hostPath: '/opt', path: '/o' }],
    });
    expect(commands(answer)).toEqual([`pct set 8101 --mp1 local:2,mp=/more --mp3 /opt,mp=/o ${DIGEST}`]);
  });

  test('D-22: a bind mount that is there is found, whatever else Proxmox prints', () => {
    for (const line of ['mp0: /srv,mp=/s', 'mp3: /srv/,mp=/s/', 'mp1: volume=/srv,mp=/s,size=0T']) {
      expect(plan(`${MINIMAL}${line}\n`, { mounts }).changes).toEqual([]);
    }
  });

  test('a part that differs is changed, the rest kept, the volume filled in', () => {
    const answer = plan(MOUNTED, { volumes: [{ ...volumes[0]!, readOnly: true }], mounts });
    expect(commands(answer)).toEqual([
      `pct set 8101 --mp0 '<volume of /data>,mp=/data,backup=1,size=1G,ro=1' ${DIGEST}`,
    ]);
  });

  test('another source at the same path keeps its index', () => {
    const answer = plan(MOUNTED, { mounts: [{ hostPath: '/opt', path: '/s' }] });
    expect(commands(answer)).toEqual([`pct set 8101 --mp2 /opt,mp=/s,ro=1 ${DIGEST}`]);
  });

  test.each([false, true])(
    'a volume gives way to a bind mount only with consent (running: %s)',
    (running) => {
      const found = guest(MOUNTED, { running });
      const wanted = { mounts: [{ hostPath: '/opt', path: '/data' }] };
      const left = plan('', wanted, { guest: found });
      expect(effects(left)).toEqual({ 'mount /data': 'detaches-volume' });
      expect(commands(left)).toEqual([]);
      expect(commands(plan('', wanted, { guest: found, allow: ['detaches-volume'] }))).toEqual([
        `pct set 8101 --mp0 /opt,mp=/data ${DIGEST}`,
      ]);
    },
  );

  test('ours that the folder no longer has: a bind mount goes, a volume only with consent', () => {
    const found = (running: boolean) =>
      guest(MOUNTED, { running, nodeRecord: record({ mounts: ['/data', '/s'] }) });
    const stopped = plan('', {}, { guest: found(false) });
    expect(effects(stopped)).toEqual({ 'mount /data': 'detaches-volume', 'mount /s': 'live' });
    expect(commands(stopped)).toEqual([`pct set 8101 --delete mp2 ${DIGEST}`]);
    const running = plan('', {}, { guest: found(true), allow: ['detaches-volume'] });
    expect(effects(running)).toEqual({ 'mount /data': 'detaches-volume', 'mount /s': 'restart' });
    expect(commands(running)).toEqual([`pct set 8101 --delete mp0,mp2 ${DIGEST}`]);
  });

  test("someone else's mount stays", () => {
    expect(plan(MOUNTED, {}).changes).toEqual([]);
  });

  test('the record is void without our line: nothing of a copy is taken away', () => {
    const copy = guest(MOUNTED.replace('phoenix/8101', 'phoenix/900'), {
      nodeRecord: record({ mounts: ['/s', '/data'] }),
    });
    expect(effects(plan('', {}, { guest: copy, adopt: true }))).toEqual({ description: 'live' });
  });

  test.each([
    ['the default map', `${MINIMAL}unprivileged: 1\n`, [], ['chown 100033:100033 -- /srv']],
    ['privileged', MINIMAL, [], ['chown 33:33 -- /srv']],
    [
      'its own map',
      `${MINIMAL}unprivileged: 1\nlxc.idmap: u 0 200000 1000\nlxc.idmap: g 0 300000 1000\n`,
      [],
      ['chown 200033:300033 -- /srv'],
    ],
  ])('the owner is translated through %s, and the tree below is left alone', (_, text, __, expected) => {
    const owned = [{ ...mounts[0]!, ownerUid: 33, ownerGid: 33 }];
    const at = (uid: number, gid: number) => ({
      paths: new Map([['/srv', { path: '/srv', type: 'directory' as const, uid, gid }]]),
    });
    const config = `${text}`.replace('swap: 512\n', 'mp0: /srv,mp=/s\nswap: 512\n');
    expect(commands(plan(config, { mounts: owned }, { node: at(0, 0) }))).toEqual(expected);
    const [uid, gid] = /chown (\d+):(\d+)/
      .exec(expected[0] ?? '')!
      .slice(1)
      .map(Number);
    expect(plan(config, { mounts: owned }, { node: at(uid!, gid!) }).changes).toEqual([]);
  });

  test('an owner outside the map is an error', () => {
    const answer = plan(`${MINIMAL}unprivileged: 1\n`, { mounts: [{ ...mounts[0]!, ownerUid: 70_000 }] });
    expect(codes(answer)).toEqual(['lxc/owner-not-mapped']);
  });
});

describe('devices', () => {
  const gpuDevices = ['/dev/nvidia0', '/dev/nvidia1', '/dev/nvidiactl', '/dev/nvidia-uvm'];

  test('an assigned GPU brings its own node and the shared ones that exist', () => {
    const answer = plan(MINIMAL, { gpus: [1] }, { node: { gpuDevices } });
    expect(commands(answer)).toEqual([
      `pct set 8101 --dev0 /dev/nvidia1 --dev1 /dev/nvidiactl --dev2 /dev/nvidia-uvm ${DIGEST}`,
    ]);
  });

  test('are found by their path; a part that differs is changed at its index', () => {
    const text = `${MINIMAL}dev0: /dev/fuse\ndev3: /dev/null,mode=0666,uid=1000,gid=44\n`;
    const device = { path: '/dev/null', mode: '0666', uid: 1000 };
    expect(plan(text, { devices: [device] }).changes).toEqual([]);
    expect(commands(plan(text, { devices: [{ ...device, uid: 7 }] }))).toEqual([
      `pct set 8101 --dev3 /dev/null,mode=0666,uid=7,gid=44 ${DIGEST}`,
    ]);
  });

  test("ours that is no longer wanted goes, someone else's stays", () => {
    const found = guest(`${MINIMAL}dev0: /dev/fuse\ndev1: /dev/null\n`, {
      nodeRecord: record({ devices: ['/dev/null'] }),
    });
    expect(commands(plan('', {}, { guest: found }))).toEqual([`pct set 8101 --delete dev1 ${DIGEST}`]);
  });
});

describe('disk sizes', () => {
  test('grow after the set, each once, and never shrink here', () => {
    const text = `${MINIMAL}mp0: local-btrfs:8101/vm-8101-disk-0.raw,mp=/data,size=512M\n`;
    const answer = plan(text, {
      memoryMiB: 1024,
      rootfsGiB: 2,
      volumes: [{ storage: 'local-btrfs', sizeGiB: 1, path: '/data' }],
    });
    expect(commands(answer)).toEqual([
      `pct set 8101 --memory 1024 ${DIGEST}`,
      'pct resize 8101 rootfs 2G',
      'pct resize 8101 mp0 1G',
    ]);
    expect(answer.operations.slice(-2).map(({ gates }) => gates)).toEqual([
      ['storage:local'],
      ['storage:local-btrfs'],
    ]);
    expect(commands(plan(MINIMAL, { rootfsGiB: 2 }))).toEqual([`pct resize 8101 rootfs 2G ${DIGEST}`]);
    expect(plan(FULL.replace('size=1G', 'size=3584M'), { rootfsGiB: 2 }).operations).toEqual([]);
  });
});

test('a resize that was cut short is looked after before it is tried again', () => {
  const resize: PveOperation = {
    op: 'pve',
    target: 8101,
    step: 'apply_configurations',
    changes: [],
    gates: [],
    call: 'pct resize',
    vmid: 8101,
    positional: ['rootfs', '2G'],
    params: {},
  };
  const open = [resize];
  expect(commands(plan(MINIMAL, { rootfsGiB: 2 }, { open }))).toEqual([
    'pct rescan --vmid 8101',
    'pct resize 8101 rootfs 2G',
  ]);
});

describe('raw lines', () => {
  const FUSE = ['lxc.mount.entry', '/dev/fuse dev/fuse none bind,create=file'] as const;
  const edit = (more: object) => [
    expect.objectContaining({ op: 'edit', path: '/etc/pve/lxc/8101.conf', ...more }),
  ];

  test('D-23: go to the head section, and a line in a snapshot counts for nothing', () => {
    const text = `${MINIMAL}parent: s\n\n[s]\narch: amd64\nlxc.apparmor.profile: unconfined\n`;
    const answer = plan(
      '',
      { rawLines: [['lxc.apparmor.profile', 'unconfined']] },
      {
        guest: guest(text, { nodeRecord: record({ rawLines: ['lxc.apparmor.profile: unconfined'] }) }),
      },
    );
    expect(answer.operations).toEqual(edit({ add: ['lxc.apparmor.profile: unconfined'], remove: [] }));
  });

  test('D-24: a value with spaces is one line', () => {
    const answer = plan(
      '',
      { rawLines: [FUSE] },
      {
        guest: guest(MINIMAL, { nodeRecord: record({ rawLines: [`${FUSE[0]}: ${FUSE[1]}`] }) }),
      },
    );
    expect(answer.operations).toEqual(edit({ add: [`${FUSE[0]}: ${FUSE[1]}`], remove: [] }));
  });

  test('D-25: are compared as parsed, never by a part of their text', () => {
    const text = `${MINIMAL}lxc.mount.entry = /dev/fuse  dev/fuse none bind,create=file\n`;
    expect(plan(text, { rawLines: [FUSE] }).changes).toEqual([]);
    const other = plan(text, { rawLines: [['lxc.mount.entry', '/dev/fuse dev/fuse none']] });
    expect(other.operations).toContainEqual(
      expect.objectContaining({ op: 'edit', add: ['lxc.mount.entry: /dev/fuse dev/fuse none'], remove: [] }),
    );
  });

  test('D-26, D-27: one that can stand only once replaces what stands there', () => {
    const text = `${MINIMAL}lxc.apparmor.profile: unconfined\n`;
    const answer = plan(
      '',
      { rawLines: [['lxc.apparmor.profile', 'lxc-phoenix-v2']] },
      {
        guest: guest(text, { nodeRecord: record({ rawLines: ['lxc.apparmor.profile: lxc-phoenix-v2'] }) }),
      },
    );
    expect(answer.operations).toEqual(
      edit({ add: ['lxc.apparmor.profile: lxc-phoenix-v2'], remove: ['lxc.apparmor.profile: unconfined'] }),
    );
    const settled = guest(`${MINIMAL}lxc.apparmor.profile: lxc-phoenix-v2\n`, {
      nodeRecord: record({ rawLines: ['lxc.apparmor.profile: lxc-phoenix-v2'] }),
    });
    expect(
      plan('', { rawLines: [['lxc.apparmor.profile', 'lxc-phoenix-v2']] }, { guest: settled }).operations,
    ).toEqual([]);
  });

  test("ours that is no longer wanted goes, someone else's stays", () => {
    const text = `${MINIMAL}lxc.tty.max: 2\nlxc.cgroup2.devices.allow: c 10:229 rwm\n`;
    const found = guest(text, { nodeRecord: record({ rawLines: ['lxc.tty.max: 2'] }) });
    expect(plan('', {}, { guest: found }).operations).toEqual(edit({ add: [], remove: ['lxc.tty.max: 2'] }));
  });
});

describe('the firewall file', () => {
  const rule = {
    type: 'in',
    action: 'ACCEPT',
    proto: 'tcp',
    port: '22',
    source: '10.0.0.0/24',
    comment: 'ssh',
  } as const;
  const SSH = 'IN ACCEPT -source 10.0.0.0/24 -p tcp -dport 22 # ssh';

  function write(text: string | undefined, desired: Partial<DesiredContainer>, rules: readonly string[]) {
    const found = guest(MINIMAL, {
      nodeRecord: record({ firewallRules: rules }),
      ...(text !== undefined && { firewall: text }),
    });
    return plan('', desired, { guest: found }).operations.filter(
      (one) => one.op === 'write' && one.path === '/etc/pve/firewall/8101.fw',
    );
  }

  test('D-36: is written whole, in one go', () => {
    const firewall = {
      enabled: true,
      inputPolicy: 'DROP',
      rules: [rule, { type: 'out', action: 'DROP' }],
    } as const;
    expect(write(undefined, { firewall }, [SSH, 'OUT DROP'])).toMatchObject([
      { content: `[OPTIONS]\n\nenable: 1\npolicy_in: DROP\n\n[RULES]\n\n${SSH}\nOUT DROP\n` },
    ]);
  });

  test("nothing where it says so already, someone else's rules and options included", () => {
    const text = `[OPTIONS]\n\npolicy_in: DROP\ndhcp: 1\nenable: 1\n\n[RULES]\n\n|IN SSH(ACCEPT)\nIN ACCEPT -source 10.0.0.0/24 -p tcp -dport 22 -log nolog # ssh\nOUT DROP -dest 10.0.0.9\n\n`;
    expect(write(text, { firewall: { enabled: true, rules: [rule] } }, [SSH])).toEqual([]);
  });

  test("someone else's rules stay in place around ours", () => {
    const text = `[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN DROP -source 10.0.0.6\n${SSH}\nIN ACCEPT -p icmp\nOUT DROP -dest 10.0.0.9\n`;
    const web = { ...rule, port: '80', comment: 'web' };
    expect(write(text, { firewall: { enabled: true, rules: [web] } }, [SSH])).toMatchObject([
      {
        content: `[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN DROP -source 10.0.0.6\nIN ACCEPT -source 10.0.0.0/24 -p tcp -dport 80 # web\nIN ACCEPT -p icmp\nOUT DROP -dest 10.0.0.9\n`,
      },
    ]);
  });

  test('a folder without a firewall takes away its own rules and nothing else', () => {
    const text = `[OPTIONS]\n\nenable: 1\n\n[RULES]\n\n${SSH}\nIN ACCEPT -p icmp\n`;
    expect(write(text, {}, [SSH])).toMatchObject([
      { content: '[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN ACCEPT -p icmp\n' },
    ]);
    expect(write(text, {}, [])).toEqual([]);
  });
});

describe('the record', () => {
  test('names what is new before the call that puts it in', () => {
    const answer = plan('', { mounts: [{ hostPath: '/srv', path: '/s' }] }, { guest: guest(MINIMAL) });
    expect(answer.operations.map(({ op }) => op)).toEqual(['write', 'pve']);
    expect(answer.operations[0]).toMatchObject({ content: expect.stringContaining('"/s"') });
  });

  test('forgets what is neither wanted nor there any more', () => {
    const answer = plan('', {}, { guest: guest(MINIMAL, { nodeRecord: record({ mounts: ['/s'] }) }) });
    expect(effects(answer)).toEqual({ record: 'live' });
    expect(answer.operations).toMatchObject([{ op: 'write', path: '/etc/pve/priv/phoenix/8101.json' }]);
    const [write] = answer.operations;
    expect(write?.op === 'write' && write.content).not.toContain('/s');
  });

  test('remembers what is ours while it waits for its removal', () => {
    const text = `${MINIMAL}mp0: /srv,mp=/s\n\n[pve:pending]\ndelete: mp0\n`;
    const found = guest(text, { running: true, nodeRecord: record({ mounts: ['/s'] }) });
    expect(plan('', {}, { guest: found }).operations).toEqual([]);
  });
});
