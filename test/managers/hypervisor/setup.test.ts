import { expect, test } from 'vitest';
import type { DesiredHost } from '../../../src/model/desired-host.ts';
import { Secret } from '../../../src/model/value.ts';
import { done, hostWorld, outcomeOf, said, setUp } from './on-host.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBexample alice@desk';
const DISKS = ['S4EVNX0R1', 'S4EVNX0R2'].map((serial) => `/dev/disk/by-id/ata-Samsung_SSD_870_${serial}`);
const WHOLE: DesiredHost = {
  hostname: 'vm',
  timezone: 'Europe/Berlin',
  repositories: 'by-subscription',
  packages: ['htop'],
  administrators: [
    {
      name: 'alice',
      hasSudo: true,
      sshKeys: [KEY],
      passwordHash: new Secret('env:HASH', () => '$6$canary$hash'),
    },
  ],
  sysctl: new Map([['vm.swappiness', '10']]),
  kernelModules: ['br_netfilter'],
  zfs: {
    pools: [{ name: 'tank', layout: 'mirror', disks: DISKS }],
    datasets: [
      {
        pool: 'tank',
        name: 'tank/guests',
        properties: new Map([
          ['recordsize', '64K'],
          ['compression', 'lz4'],
        ]),
      },
      { pool: 'tank', name: 'tank/iso', properties: new Map([['quota', '100G']]) },
    ],
    arcMaxGiB: 2,
  },
  storages: [
    { id: 'tank-guests', type: 'zfspool', dataset: 'tank/guests', content: ['images', 'rootdir'] },
    { id: 'tank-iso', type: 'dir', dataset: 'tank/iso', content: ['iso', 'vztmpl'] },
  ],
};

test('a fresh host becomes what the folder describes, and a second run changes nothing', async () => {
  const world = hostWorld();
  const first = await setUp(world, WHOLE);
  expect(outcomeOf(first)).toMatchObject({ result: 'changed', diagnostics: [] });
  const { host, files } = world;
  expect(host.timezone).toBe('Europe/Berlin');
  expect(Object.keys(host.packages)).toEqual(expect.arrayContaining(['htop', 'sudo']));
  expect(files['/etc/apt/sources.list.d/pve-enterprise.sources']?.text).toMatch(/^Enabled: no\nTypes: deb\n/);
  expect(files['/etc/apt/sources.list.d/phoenix-pve-no-subscription.sources']?.text).toContain(
    'Suites: trixie',
  );
  expect(files['/etc/passwd']?.text).toMatch(/^alice:x:1000:1000::\/home\/alice:\/bin\/bash$/m);
  expect(files['/etc/shadow']?.text).toMatch(/^alice:\$6\$canary\$hash:/m);
  expect(files['/etc/shadow']?.text).toMatch(/^root:\$y\$secret:/m);
  expect(files['/home/alice/.ssh/authorized_keys']?.text).toBe(`${KEY}\n`);
  expect(files['/etc/sudoers.d/phoenix-alice']).toMatchObject({ mode: 0o440 });
  expect(host.sysctl['vm.swappiness']).toBe('10');
  expect(host.modules).toContain('br_netfilter');
  expect(host.pools['tank']).toMatchObject({ isImported: true, vdevs: [{ kind: 'mirror' }] });
  expect(host.datasets['tank/guests']).toMatchObject({
    recordsize: { value: '65536', source: 'local' },
    compression: { value: 'lz4', source: 'local' },
  });
  expect(host.datasets['tank/iso']?.['quota']?.value).toBe(String(100 * 1024 ** 3));
  expect(host.arcMaxBytes).toBe(2 * 1024 ** 3);
  expect(files['/etc/modprobe.d/zfs.conf']?.text).toBe('options zfs zfs_arc_max=2147483648\n');
  expect(files['/etc/pve/storage.cfg']?.text).toContain(
    'zfspool: tank-guests\n\tpool tank/guests\n\tcontent images,rootdir\n',
  );
  expect(files['/etc/pve/storage.cfg']?.text).toContain('dir: tank-iso\n\tpath /tank/iso\n');
  expect(JSON.parse(files['/etc/pve/priv/phoenix/host.json']?.text ?? '')).toMatchObject({
    packages: ['htop', 'sudo'],
    users: ['alice'],
    pools: ['tank'],
    datasets: ['tank/guests', 'tank/iso'],
    storages: ['tank-guests', 'tank-iso'],
  });

  const second = await setUp(world, WHOLE);
  expect(done(second)).toEqual([]);
  expect(outcomeOf(second)).toMatchObject({ result: 'unchanged', diagnostics: [] });
});

test('nothing that runs carries the hash of a password in its words', async () => {
  const result = await setUp(hostWorld(), WHOLE);
  expect(JSON.stringify([done(result), outcomeOf(result)])).not.toContain('$6$canary');
});

test('a host of another name is refused before anything is done', async () => {
  const world = hostWorld();
  const before = structuredClone(world);
  const result = await setUp(world, { ...WHOLE, hostname: 'phoenix' });
  expect(said(result)).toEqual(['hypervisor/hostname-differs']);
  expect(world.host).toEqual(before.host);
});

test('on a host without Proxmox what needs it is skipped by name', async () => {
  const world = hostWorld(({ host }) => {
    host.hasProxmox = false;
  });
  const result = await setUp(world, WHOLE);
  expect(outcomeOf(result)).toMatchObject({ result: 'changed' });
  expect(said(result)).toEqual(['hypervisor/needs-proxmox']);
  expect(world.host.pools['tank']).toBeDefined();
  expect(world.files['/var/lib/phoenix/host.json']).toBeDefined();
  expect(done(await setUp(world, WHOLE))).toEqual([]);
});
