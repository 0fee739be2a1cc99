import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scope } from '../../src/model/node.ts';
import { localNode, PVE_DIALECT } from '../../src/node/index.ts';
import {
  freshWorld,
  twinNode,
  worldFromObservation,
  type TwinNode,
  type World,
} from '../../src/twin/index.ts';
import { observeWorld } from '../../src/twin/observe.ts';
import { RECORD_PATH, UNSEEN } from '../../src/twin/unseen.ts';
import { fakeAgent, VMID, type FakeAgent } from './agent/fake-agent.ts';

const NODE = hostname().split('.')[0] ?? '';
const RUNS = 999_999_871;
const VM_RECORD = '{"features":{"docker":"sha256:1"},"scripts":{}}\n';
const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const NEEDS = {
  paths: ['/var/lib/vz', '/dev/null', '/no such path', '/etc/pve/storage.cfg'],
  volumesOf: ['local', 'local-btrfs'],
  files: ['/var/lib/notes', '/var/lib/no-such-file', '/var/lib/vz'],
  snippetsOf: [8102, 8103],
  recordsOf: [VMID, 4711],
};

/** A node of the twin on which something has happened, under this machine's name. */
async function livedIn(): Promise<{ readonly world: World; readonly node: TwinNode }> {
  const world = JSON.parse(JSON.stringify(freshWorld()).replaceAll('/nodes/vm', `/nodes/${NODE}`)) as World;
  world.nodeName = NODE;
  for (const vmid of [100, 101]) delete world.guests[vmid];
  const node = twinNode({ world, dialect: PVE_DIALECT });
  for (const line of [
    `pct create ${RUNS} ${TEMPLATE} --rootfs local:1 --hostname web --description a:b`,
    `pct create 8102 ${TEMPLATE} --rootfs local-btrfs:1 --mp0 local-btrfs:1,mp=/data`,
    'pct snapshot 8102 golden',
    `pct create 8103 ${TEMPLATE} --rootfs local-btrfs:1`,
    'pct template 8103',
    `qm create ${VMID} --agent 1 --scsi0 local:1`,
    `qm start ${VMID}`,
  ]) {
    expect(await node.command(line.split(' '), {})).toMatchObject({ rc: 0 });
  }
  const path = `/etc/pve/lxc/${RUNS}.conf`;
  const edit = {
    op: 'edit',
    target: RUNS,
    step: 's',
    changes: [],
    gates: [],
    vmid: RUNS,
    path,
    remove: [],
  } as const;
  await node.run({ ...edit, add: ['lxc.cgroup2.devices.allow: a', 'lxc.mount.entry: /a b none bind'] }, {});
  expect(await node.command(['pct', 'start', String(RUNS)], {})).toMatchObject({ rc: 0 });
  const disk = world.volumes['local']?.[VMID]?.[`${VMID}/vm-${VMID}-disk-0.raw`];
  if (disk) disk.content = { files: {}, facts: [] };
  await node.host.sleep(60_000);
  const record = await node.run(
    { ...edit, op: 'write', in: VMID, path: RECORD_PATH, content: VM_RECORD },
    {},
  );
  expect(record).toMatchObject({ kind: 'done' });
  const { write } = node.host.files;
  await write(`/etc/pve/firewall/${RUNS}.fw`, '[OPTIONS]\n\nenable: 1');
  await write('/etc/pve/firewall/cluster.fw', '[OPTIONS]\n');
  await write('/var/lib/notes', 'a\n\tb');
  await write('/var/lib/vz/snippets/phoenix-8103-user.yaml', '#cloud-config\n{}\n');
  await write('/var/lib/vz/snippets/phoenix-8103-meta.yaml', 'instance-id: a\n');
  await write('/var/lib/vz/snippets/phoenix-8104-meta.yaml', 'instance-id: of nobody asked about\n');
  await write('/var/lib/vz/import/debian-12.qcow2', 'an image');
  await write('/var/lib/vz/import/.phoenix-debian-12.qcow2.a1b2c3', 'a part of one');
  await write('/etc/pve/nodes/other/lxc/300.conf', '');
  await write(`/etc/pve/priv/phoenix/${RUNS}.json`, `{"vmid":${RUNS}}\n`);
  const entry = { at: 5.5, run: 'r', target: 8102, step: 's' } as const;
  const operation = { ...edit, add: ['"entry":"end"'] };
  for (const index of [0, 1, 2]) await node.journal.append({ ...entry, entry: 'begin', index, operation });
  await node.journal.append({ ...entry, entry: 'end', index: 1, kind: 'done', exitCode: 0 });
  // Nothing runs in it on this machine, so nobody can look inside.
  world.guests[RUNS]?.running?.launch?.mounts.forEach(({ source }) => {
    if (source.kind !== 'volume') return;
    const volumes = Object.values(world.volumes[source.volume.storage.id] ?? {});
    for (const folder of volumes) folder[source.volume.name]?.content?.facts.push(UNSEEN);
  });
  return { world, node };
}

/** Puts a world's files, volumes and started containers into a folder, as a real node has them. */
function putWorld(world: World, folder: string): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, { type, text, modifiedMs = 0 }] of Object.entries(world.files)) {
    if (!/^\/(etc\/pve|var\/lib)(\/|$)/.test(path)) continue;
    if (type === 'directory') mkdirSync(join(folder, path), { recursive: true });
    else {
      put(path, text ?? '');
      utimesSync(join(folder, path), modifiedMs / 1000, modifiedMs / 1000);
    }
  }
  for (const [storage, path] of [
    ['local', '/var/lib/vz'],
    ['local-btrfs', '/var/lib/pvebtrfs'],
  ] as const) {
    for (const name of Object.values(world.volumes[storage] ?? {}).flatMap(Object.keys)) {
      if (storage === 'local') put(`${path}/images/${name}`, '');
      else put(`${path}/images/${name.replace(/\.raw$/, '')}/disk.raw`, '');
    }
  }
  mkdirSync(join(folder, 'var/lib/pvebtrfs/images/8102/vm-8102-disk-0@golden'), { recursive: true });
  for (const [vmid, { running }] of Object.entries(world.guests)) {
    const lines = running?.launch?.raw.map(([key, value]) => `${key} = ${value}\n`).join('');
    if (lines !== undefined) put(`var/lib/lxc/${vmid}/config`, `# of ${vmid}\n${lines}`);
  }
  put('usr/local/bin/pct', '');
  chmodSync(join(folder, 'usr/local/bin/pct'), 0o755);
  mkdirSync(join(folder, 'var/log'), { recursive: true });
  // This machine's awk is found through it.
  cpSync('/etc/alternatives', join(folder, 'etc/alternatives'), { recursive: true, verbatimSymlinks: true });
}

const ENTER = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'for top in etc var/lib var/log usr/local/bin run/qemu-server; do mount --bind "$0/$top" "/$top" || exit 1; done; exec "$@"',
];

/** An agent whose guest holds a record. */
function recordAgent(): Promise<FakeAgent> {
  const out = Buffer.from(`read\n${VM_RECORD}`).toString('base64');
  return fakeAgent({
    answer: ({ execute }) => {
      if (execute === 'guest-exec') return { return: { pid: 7 } };
      if (execute !== 'guest-exec-status') return undefined;
      return { return: { exited: true, exitcode: 0, 'out-data': out } };
    },
  });
}

const LISTEN =
  'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0$ARGV[0]")); listen(S, 1); $| = 1; print "ready\\n"; sleep 600';

// A mount namespace of its own takes root.
test.skipIf(process.getuid?.() !== 0)('a twin prints what the probe prints of the same node', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-both-'));
  // A process that is named as QEMU's are, and what stands for its agent.
  mkdirSync(join(folder, 'run'), { recursive: true });
  mkdirSync('/run/qemu-server', { recursive: true });
  copyFileSync('/bin/sleep', join(folder, 'kvm'));
  const qemu = spawn(join(folder, 'kvm'), ['600']);
  const startedMs = Date.now();
  const agent = await recordAgent();
  symlinkSync(agent.folder, join(folder, 'run/qemu-server'));
  writeFileSync(join(agent.folder, `${VMID}.pid`), `${qemu.pid}\n`);
  const socket = spawn('perl', ['-MSocket', '-e', LISTEN, `/var/lib/lxc/${RUNS}/command`]);
  try {
    await new Promise((resolve) => socket.stdout.once('data', resolve));
    const { world, node } = await livedIn();
    const machine = world.guests[VMID]?.running;
    if (machine) machine.startedMs = startedMs;
    putWorld(world, folder);
    const real = localNode({ spawnPrefix: [...ENTER, folder] });
    const compare = async (scope: Scope): Promise<void> => {
      const { text, memoryMiB = 0, bridges } = await real.observe(scope, NEEDS);
      const ofGuests = (lines: string): string[] =>
        // What stands at a path that was asked about comes in no order that matters.
        lines.split('\n').filter((line) => !/^(path|gpu|began)\t/.test(line));
      const seen = await observeWorld({ ...world, memoryMiB, bridges: [...bridges] }, node.host, {
        scope,
        needs: NEEDS,
      });
      expect(ofGuests(text)).toEqual(ofGuests(seen));
      const beganAt = (lines: string): number =>
        PVE_DIALECT.parseObservation(lines).guests.get(VMID)?.startedAt ?? 0;
      expect(Math.abs(beganAt(text) - beganAt(seen))).toBeLessThanOrEqual(1);
      const paths = ({ paths }: { readonly paths: ReadonlyMap<string, unknown> }): string[] =>
        [...paths.keys()].toSorted();
      expect(paths(PVE_DIALECT.parseObservation(text))).toEqual(paths(PVE_DIALECT.parseObservation(seen)));
      const { files } = PVE_DIALECT.parseObservation(text);
      expect([...(files ?? [])]).toEqual([
        ['/var/lib/notes', 'a\n\tb'],
        ['/var/lib/vz/snippets/phoenix-8103-user.yaml', '#cloud-config\n{}\n'],
        ['/var/lib/vz/snippets/phoenix-8103-meta.yaml', 'instance-id: a\n'],
      ]);
    };
    await compare('all');
    await compare([8102, RUNS, VMID, 300, 5]);
    const { text } = await real.observe('all', NEEDS);
    expect(text).toMatch(new RegExp(`^running\\tlxc\\t${RUNS}$`, 'm'));
    expect(text).toContain(`started\t${RUNS}\n=\tlxc.cgroup2.devices.allow = a\n`);
    expect(text.match(/^template\t.*:import\/.*$/gm)).toEqual(['template\tlocal:import/debian-12.qcow2']);
    expect(text.match(/^open\t/gm)).toHaveLength(2);
    expect(text.match(/^volume\tlocal-btrfs:/gm)).toHaveLength(3);
    expect(text).toContain(`record\t${VMID}\tread\n=\t${VM_RECORD}=\t\n`);
    const again = await worldFromObservation(text);
    const host = twinNode({ world: again, dialect: PVE_DIALECT }).host;
    const withoutPaths = (lines: string): string[] =>
      lines.split('\n').filter((line) => !line.startsWith('path\t'));
    expect(withoutPaths(await observeWorld(again, host, { scope: 'all', needs: NEEDS }))).toEqual(
      withoutPaths(text),
    );
  } finally {
    socket.kill();
    qemu.kill();
    await agent.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
