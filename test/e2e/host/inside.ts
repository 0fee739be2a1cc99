import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { HostPart } from '../../../src/model/observed-host.ts';
import { localNode } from '../../../src/node/index.ts';

/* Runs inside the machine, as its only service: real tools, real disks. Prints one JSON line a step. */
const BLANK = ['BLANK1', 'BLANK2'].map((serial) => `/dev/disk/by-id/virtio-${serial}`);
const PHOTOS = '/dev/disk/by-id/virtio-PHOTOS';
const FOLDER = '/root/folder';
const PARTS: readonly HostPart[] = [
  'system',
  'disks',
  'pools',
  'dataset:tank/data',
  'dataset:tank/none',
  'modules',
  'user:alice',
  'sysctl:vm.swappiness',
];

function say(step: string, found: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`PHOENIX ${JSON.stringify({ step, ...found })}\n`);
}

function run(...argv: readonly string[]): { readonly status: number | null; readonly text: string } {
  const [program = '', ...words] = argv;
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

function setup(
  config: unknown,
  ...words: readonly string[]
): { readonly status: number | null; readonly text: string } {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/phoenix_hypervisor_config.json`, JSON.stringify(config));
  return run('/opt/phoenix/bin/phoenix', 'setup', '--config', FOLDER, '--host', 'local', '--plain', ...words);
}

function config(pools: readonly unknown[]): unknown {
  return {
    timezone: 'Europe/Berlin',
    users: {
      username: 'alice',
      password_hash: '$6$saltsalt$canaryhash',
      sudo_access: true,
      ssh_public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample alice@desk',
    },
    sysctl: { 'vm.swappiness': 10 },
    zfs: {
      arc_max_gb: 1,
      pools,
      datasets: [
        { pool: 'tank', name: 'data', properties: 'recordsize=1M,compression=lz4,quota=100M,atime=off' },
      ],
    },
  };
}

const TANK = { name: 'tank', raid_level: 'mirror', disks: BLANK };
const OTHER = { name: 'other', raid_level: 'single', disks: [PHOTOS] };

async function observe(step: string): Promise<void> {
  const { text } = await localNode().observe([], { paths: [], volumesOf: [], host: PARTS });
  say(step, { text });
}

function photos(): string {
  run('mkdir', '-p', '/mnt/photos');
  const mounted = run('mount', '-o', 'ro', PHOTOS, '/mnt/photos');
  const found = run('cat', '/mnt/photos/grandmother.jpg');
  run('umount', '/mnt/photos');
  return mounted.status === 0 ? found.text : '';
}

say('modprobe', run('modprobe', 'zfs'));
run('udevadm', 'settle');
await observe('before');
say('first', setup(config([TANK])));
say('again', setup(config([TANK])));
await observe('after');
say('users', {
  shadow: /^alice:(.*?):/m.exec(readFileSync('/etc/shadow', 'utf8'))?.[1],
  keys: readFileSync('/home/alice/.ssh/authorized_keys', 'utf8'),
  sudo: run('visudo', '-c').status,
  swappiness: readFileSync('/proc/sys/vm/swappiness', 'utf8').trim(),
  arc: readFileSync('/sys/module/zfs/parameters/zfs_arc_max', 'utf8').trim(),
});
say('refused', { ...setup(config([TANK, OTHER])), photos: photos() });
run('mkdir', '-p', '/mnt/in-use');
run('mount', PHOTOS, '/mnt/in-use');
say('in-use', setup(config([TANK, OTHER]), '--allow', 'destroys-data', '--wipe-disk', 'PHOTOS'));
run('umount', '/mnt/in-use');
say('still', { photos: photos() });
say('export', run('zpool', 'export', 'tank'));
await observe('exported');
say('imported', setup(config([TANK])));
say('wiped', setup(config([TANK, OTHER]), '--allow', 'destroys-data', '--wipe-disk', 'PHOTOS'));
say('status', run('zpool', 'status', '-P'));
say('end', setup(config([TANK, OTHER])));
