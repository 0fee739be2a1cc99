import { describe, expect, test } from 'vitest';
import { PVE_DIALECT } from '../../src/node/index.ts';
import {
  createMemoryHost,
  freshWorld,
  twinNode,
  worldFromObservation,
  type World,
} from '../../src/twin/index.ts';
import { observeWorld } from '../../src/twin/observe.ts';

const NEEDS = {
  paths: ['/srv', '/dev/null', '/nope', '/etc/pve/storage.cfg'],
  volumesOf: ['local', 'local-btrfs'],
};
const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

async function print(world: World): Promise<string> {
  return observeWorld(world, createMemoryHost(world), { scope: 'all', needs: NEEDS });
}

/** A node on which much has happened. */
async function livedIn(): Promise<World> {
  const world = freshWorld();
  const node = twinNode({ world, dialect: PVE_DIALECT });
  for (const line of [
    `pct create 8101 ${TEMPLATE} --rootfs local:1 --hostname web --unprivileged 1 --mp0 /srv,mp=/srv --net0 name=eth0,bridge=vmbr0,ip=dhcp`,
    'pct start 8101',
    'pct set 8101 --features nesting=1',
    `pct create 8102 ${TEMPLATE} --rootfs local-btrfs:1 --mp0 local-btrfs:1,mp=/data`,
    'pct snapshot 8102 golden',
    'pct start 8102',
    `pct create 8103 ${TEMPLATE} --rootfs local-btrfs:1`,
    'pct template 8103',
  ]) {
    const { rc, stderr } = await node.command(line.split(' '), {});
    expect([line, rc, stderr]).toEqual([line, 0, '']);
  }
  const { write } = node.host.files;
  await write('/etc/pve/firewall/8101.fw', '[OPTIONS]\n\nenable: 1');
  await write('/etc/pve/nodes/other/lxc/300.conf', '');
  await write(
    '/etc/pve/nodes/vm/qemu-server/211.conf',
    'memory: 512\nscsi0: local:211/vm-211-disk-0.qcow2,size=4G\n',
  );
  await write('/etc/pve/priv/phoenix/8101.json', '{"vmid":8101}\n');
  (world.volumes['local'] ??= {})['211'] = {
    '211/vm-211-disk-0.qcow2': { vmid: 211, format: 'qcow2', sizeBytes: 4 * 1024 ** 3, snapshots: {} },
  };
  world.guests['211'] = { running: { pid: 7, startedMs: 0, launch: null } };
  world.nvidiaVersion = '550.54.14';
  world.files['/dev/nvidia0'] = { type: 'character' };
  world.tasks['UPID:vm:00000001:00000002:65A00000:vzdump:101:root@pam:'] = {
    type: 'vzdump',
    id: '101',
    startedMs: 0,
  };
  await node.journal.append({
    at: 5,
    run: 'r',
    entry: 'begin',
    index: 3,
    target: 8102,
    step: 's',
    operation: {
      op: 'pve',
      call: 'pct start',
      vmid: 8102,
      params: {},
      target: 8102,
      step: 's',
      changes: [],
      gates: [],
    },
  });
  await node.run(
    {
      op: 'write',
      in: 8102,
      path: '/var/lib/phoenix/record.json',
      content: '{"features":{"docker":"d1"},"scripts":{"site":"s1"}}',
      target: 8102,
      step: 's',
      changes: [],
      gates: [],
    },
    {},
  );
  return world;
}

describe('worldFromObservation', () => {
  test('a world, its text, the world of that text and its text are the same', async () => {
    const text = await print(await livedIn());
    const again = await worldFromObservation(text);
    expect(await print(again)).toBe(text);
    expect(await print(await worldFromObservation(await print(again)))).toBe(text);
    expect(await print(JSON.parse(JSON.stringify(again)) as World)).toBe(text);
  });

  test.each([
    ['a record that could not be read', 'record\t8102\tunknown', 'unknown'],
    ['a record that is nonsense', 'record\t8102\tread\n=\t{"features', 'unknown'],
    ['no record', 'record\t8102\tnone', 'none'],
  ])('keeps %s as it is', async (_, lines, state) => {
    const text = await print(await livedIn());
    const changed = text.replace(/record\t8102\tread\n(=\t.*\n)+/, `${lines}\n`);
    const world = await worldFromObservation(changed);
    expect(await print(world)).toBe(changed);
    const { guests } = await twinNode({ world, dialect: PVE_DIALECT }).observe('all', NEEDS);
    expect(guests.get(8102)?.record).toEqual(state);
  });

  test('the facts of a running container are those of its record', async () => {
    const world = await worldFromObservation(await print(await livedIn()));
    const node = twinNode({ world, dialect: PVE_DIALECT });
    const check = (vmid: number, fact: string) =>
      node.run(
        {
          op: 'check',
          in: vmid,
          probe: { kind: 'command', argv: ['true'] },
          needs: [fact],
          retries: 1,
          intervalMs: 1,
          timeoutMs: 1,
          target: vmid,
          step: 's',
          changes: [],
          gates: [],
        },
        {},
      );
    expect((await check(8102, 'feature:docker@d1')).kind).toBe('done');
    expect((await check(8102, 'script:site@s1')).kind).toBe('done');
    expect((await check(8102, 'feature:docker@d2')).kind).toBe('refused');
    expect((await check(8101, 'feature:docker@d1')).kind).toBe('refused');
  });

  test('what a running container is survives its restart on the twin', async () => {
    const world = await worldFromObservation(await print(await livedIn()));
    const node = twinNode({ world, dialect: PVE_DIALECT });
    expect(await node.command(['pct', 'stop', '8102'], {})).toMatchObject({ rc: 0 });
    expect(await node.command(['pct', 'start', '8102'], {})).toMatchObject({ rc: 0, stderr: '' });
    const { guests } = await node.observe([8102], NEEDS);
    expect(guests.get(8102)?.record).toEqual({ features: { docker: 'd1' }, scripts: { site: 's1' } });
  });

  test('the inside of a stopped container is unknown, also once the twin starts it', async () => {
    const world = await livedIn();
    const before = twinNode({ world, dialect: PVE_DIALECT });
    await before.command(['pct', 'stop', '8102'], {});
    const node = twinNode({ world: await worldFromObservation(await print(world)), dialect: PVE_DIALECT });
    expect(await node.command(['pct', 'start', '8102'], {})).toMatchObject({ rc: 0 });
    const { guests, diagnostics } = await node.observe([8102], NEEDS);
    expect(guests.get(8102)).toMatchObject({ running: true, record: 'unknown' });
    expect(diagnostics).toEqual([]);
  });

  test('volumes and snapshots that configs name can be worked with', async () => {
    const node = twinNode({
      world: await worldFromObservation(await print(await livedIn())),
      dialect: PVE_DIALECT,
    });
    for (const line of [
      'pct stop 8102',
      'pct resize 8102 mp0 2G',
      'pct clone 8102 8110 --snapname golden --full 1',
    ]) {
      expect(await node.command(line.split(' '), {})).toMatchObject({ rc: 0 });
    }
    expect((await node.observe([8110], NEEDS)).guests.get(8110)).toBeDefined();
  });

  test('a narrower observation holds what concerns its guests', async () => {
    const node = twinNode({ world: await livedIn(), dialect: PVE_DIALECT });
    const all = await node.observe('all', NEEDS);
    const some = await node.observe([8101, 211], NEEDS);
    expect([...some.guests.keys()]).toEqual([8101, 211]);
    for (const [vmid, guest] of some.guests) expect(guest).toEqual(all.guests.get(vmid));
    expect({ ...some, text: '', guests: [] }).toEqual({ ...all, text: '', guests: [] });
  });
});
