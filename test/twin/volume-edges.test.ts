import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { freshWorld } from '../../src/twin/world.ts';
import { CONF, PREPARED, TEMPLATE, check, runAll, runLine, type Case } from './run-lines.ts';

let host: Host;

beforeEach(() => {
  host = createMemoryHost(freshWorld());
});

describe('volumes', () => {
  it.each<Case>([
    {
      name: 'a mount of a volume that is not there is complained about and set',
      run: [PREPARED, 'pct set 8101 --mp0 local:8101/vm-8101-disk-9.raw,mp=/x,size=4G'],
      rc: 0,
      stderr: "failed to stat '/var/lib/vz/images/8101/vm-8101-disk-9.raw'\n",
    },
    {
      name: 'a mount of a name that the storage cannot read keeps its size',
      run: [PREPARED, 'pct set 8101 --mp0 local:foo,mp=/x,size=4G'],
      rc: 0,
      stderr: "Could not rescan volume size - unable to parse directory volume name 'foo'\n\n",
    },
    {
      name: 'a pending new volume cannot be freed',
      run: [
        PREPARED,
        'pct set 8101 --mp0 local:1,mp=/x',
        'pct start 8101',
        'pct set 8101 --mp0 local:2,mp=/y',
        'pct stop 8101',
        'pct destroy 8101',
      ],
      rc: 255,
      stderr: "unable to parse directory volume name '2'\n",
    },
    {
      name: 'a subvolume has no size to change',
      run: [`pct create 8101 ${TEMPLATE} --rootfs local-btrfs:0`, 'pct resize 8101 rootfs +1G'],
      rc: 255,
      stderr: 'cannot resize subvolume - btrfs quotas are currently not supported\n',
    },
    {
      name: 'one that is gone is not resized',
      run: [PREPARED, 'pct set 8101 --rootfs local:8101/none.raw', 'pct resize 8101 rootfs +1G'],
      rc: 255,
      stderr: "volume 'local:8101/none.raw' does not exist\n",
    },
    {
      name: 'a folder of the host is no part of a template, and the tool does not tell',
      run: [PREPARED, 'pct set 8101 --mp0 /srv,mp=/srv', 'pct template 8101'],
      rc: 0,
      stderr: "Template feature is not available for '/srv'\n",
    },
    {
      name: 'a folder of the host cannot go to another container',
      run: [PREPARED, 'pct set 8101 --mp0 /srv,mp=/srv', 'pct move-volume 8101 mp0 --target-vmid 101'],
      rc: 255,
      stderr: 'Storage does not support moving of this disk to another container\n',
    },
    {
      name: 'a digest names the container that it is not of',
      run: [
        PREPARED,
        'pct set 8101 --mp0 local:1,mp=/x',
        'pct move-volume 8101 mp0 --target-vmid 101 --target-digest abc',
      ],
      rc: 255,
      stderr: 'Container 101: detected modified configuration - file changed by other user? Try again.\n',
    },
    {
      name: 'numbers of other formats and longer names count as taken',
      run: [
        'pvesm alloc local 8101 vm-8101-disk-0.qcow2 1G',
        'pvesm alloc local 8101 vm-8101-disk-1-old.raw 1G',
        "pvesm alloc local 8101 '' 1G",
      ],
      rc: 0,
      stdout: /successfully created 'local:8101\/vm-8101-disk-2.raw'\n$/,
    },
    {
      name: 'without a name the format is the one of the storage',
      run: ['pvesm set local --format qcow2', "pvesm alloc local 8101 '' 1G"],
      rc: 0,
      stdout:
        /fmt=qcow2 cluster_size=65536 .* size=1073741824 .*\nsuccessfully created 'local:8101\/vm-8101-disk-0.qcow2'\n$/,
    },
    {
      name: 'a name without its storage is none',
      run: ['pvesm free 8101/x.raw'],
      rc: 255,
      stderr: /^400 Parameter verification failed\.\nvolume: no storage specified - incomplete volume ID\n/,
    },
    {
      name: 'of one storage on another',
      run: ['pvesm free local:8101/x.raw --storage local-btrfs'],
      rc: 255,
      stderr: /\nvolume: storage ID mismatch \(local != local-btrfs\)\n\n/,
    },
  ])('$name', (found) => check(host, found));

  it('of nowhere lose their size, readable ones get it', async () => {
    await runAll(host, [
      PREPARED,
      'pct set 8101 --mp0 local:8101/none.raw,mp=/x,size=4G',
      'pct set 8101 --mp1 local:foo,mp=/y,size=4G',
    ]);
    expect(await host.files.read(CONF)).toMatch(
      /^mp0: local:8101\/none.raw,mp=\/x\nmp1: local:foo,mp=\/y,size=4G$/m,
    );
  });
});

describe('a thin pool', () => {
  beforeEach(() =>
    runLine(host, 'pvesm add lvmthin thin --vgname pve --thinpool data --content rootdir,images'),
  );

  it.each<Case>([
    {
      name: 'takes names of its guest only',
      run: ['pvesm alloc thin 8101 other 1G'],
      rc: 25,
      stderr: "illegal name 'other' - should be 'vm-8101-*'\n",
    },
    {
      name: 'frees what is gone without a word',
      run: ['pvesm free thin:vm-8101-disk-0'],
      rc: 0,
      stdout: "Removed volume 'thin:vm-8101-disk-0'\n",
    },
    {
      name: 'lets a template go that clones rest on',
      run: [
        `pct create 8101 ${TEMPLATE} --rootfs thin:1`,
        'pct template 8101',
        'pct clone 8101 8102',
        'pct destroy 8101',
      ],
      rc: 0,
    },
  ])('$name', (found) => check(host, found));

  it('names clones without their base', async () => {
    await runAll(host, [
      `pct create 8101 ${TEMPLATE} --rootfs thin:1`,
      'pct snapshot 8101 one',
      'pct clone 8101 8102 --snapname one --full 0',
    ]);
    const config = await host.files.read('/etc/pve/lxc/8102.conf');
    expect(config).toContain('rootfs: thin:vm-8102-disk-0,size=1G\n');
  });
});

describe('snapshots', () => {
  it.each<Case>([
    {
      name: 'of a file are not gone back to',
      run: ['pct rollback 8101 one'],
      rc: 255,
      stderr: "can't rollback snapshot this image format\n",
    },
    {
      name: 'of a file are not deleted',
      run: ['pct delsnapshot 8101 one'],
      rc: 255,
      stderr: "can't delete snapshot for this image format\n",
    },
    { name: 'go from the configuration by force', run: ['pct delsnapshot 8101 one --force 1'], rc: 0 },
  ])('$name', async (found) => {
    await runAll(host, [`pct create 8101 ${TEMPLATE} --rootfs local:1`]);
    const section = '\n[one]\nrootfs: local:8101/vm-8101-disk-0.raw,size=1G\nsnaptime: 1\n';
    await host.files.write(CONF, `${await host.files.read(CONF)}${section}`);
    await check(host, found);
  });
});
