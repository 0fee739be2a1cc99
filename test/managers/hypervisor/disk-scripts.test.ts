import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CREATE_POOL } from '../../../src/managers/hypervisor/zfs/create-pool.ts';
import { WIPE_DISK } from '../../../src/managers/hypervisor/zfs/wipe-disk.ts';

// Real tools on a real block device; only zpool is a stand-in that says what it was asked.
const canLoop = process.getuid?.() === 0 && spawnSync('losetup', ['-f'], { encoding: 'utf8' }).status === 0;

let folder = '';
let disk = '';
let name = '';

function run(...argv: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const [program = '', ...words] = argv;
  const env = { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}` };
  return spawnSync(program, words, { encoding: 'utf8', env });
}

function script({ content }: { readonly content: string }, ...words: readonly string[]) {
  return run('sh', '-c', content, 'script', ...words);
}

describe.skipIf(!canLoop)('scripts that touch disks', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'phoenix-disk-'));
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'mnt'));
    writeFileSync(join(folder, 'bin', 'zpool'), '#!/bin/sh\necho zpool "$@"\n');
    chmodSync(join(folder, 'bin', 'zpool'), 0o755);
    writeFileSync(join(folder, 'disk.img'), '');
    truncateSync(join(folder, 'disk.img'), 64 * 1024 ** 2);
    disk = run('losetup', '-f', '--show', join(folder, 'disk.img')).stdout.trim();
    name = disk.replace('/dev/', '');
  });
  afterAll(() => {
    run('losetup', '-d', disk);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    run('wipefs', '--all', '--quiet', disk);
  });

  test('a blank disk becomes a pool', () => {
    const { status, stdout } = script(CREATE_POOL, 'tank', 'mirror', disk);
    expect([status, stdout]).toEqual([0, `zpool create -o ashift=12 -- tank mirror ${disk}\n`]);
  });

  test('a disk of a pool that could not be made is blank again', () => {
    const half = `#!/bin/sh\n[ "$1" = create ] && echo 'label: gpt' | sfdisk -q ${disk}\nexit 1\n`;
    writeFileSync(join(folder, 'bin', 'zpool'), half);
    const { status } = script(CREATE_POOL, 'tank', disk);
    writeFileSync(join(folder, 'bin', 'zpool'), '#!/bin/sh\necho zpool "$@"\n');
    expect([status, run('wipefs', '--no-act', '--noheadings', disk).stdout]).toEqual([1, '']);
  });

  test.each([
    ['ext4', ['mkfs.ext4', '-q', '-L', 'photos']],
    ['swap', ['mkswap']],
  ] as const)('D-06: a disk with %s becomes none', (type, command) => {
    run(...command, disk);
    const { status, stdout, stderr } = script(CREATE_POOL, 'tank', disk);
    expect([status, stdout, stderr]).toEqual([3, '', `no pool was made: ${disk} carries ${type}\n`]);
    expect(run('blkid', '-o', 'value', '-s', 'TYPE', disk).stdout).toBe(`${type}\n`);
  });

  test('a disk with nothing but a partition table becomes none', () => {
    spawnSync('sfdisk', ['-q', disk], { input: 'label: gpt\n,10M\n' });
    expect(script(CREATE_POOL, 'tank', disk).status).toBe(3);
  });

  test.each([
    ['another signature', () => [disk, name, '', `${name} signature xfs`]],
    ['another serial', () => [disk, name, 'OTHER', `${name} signature ext4`]],
    ['another name of the kernel', () => [disk, 'sdzz', '', `${name} signature ext4`]],
    ['no disk at all', () => [`${disk}-gone`, name, '', `${name} signature ext4`]],
  ])('%s than what was agreed on is not wiped', (_what, words) => {
    run('mkfs.ext4', '-q', disk);
    const { status, stderr } = script(WIPE_DISK, ...words());
    expect([status, stderr]).toEqual([3, expect.stringContaining('not wiped: ')]);
    expect(run('blkid', '-o', 'value', '-s', 'TYPE', disk).stdout).toBe('ext4\n');
  });

  test('a mounted disk is not wiped, and the same disk is once nobody uses it', () => {
    run('mkfs.ext4', '-q', disk);
    run('mount', disk, join(folder, 'mnt'));
    const words = [disk, name, '', `${name} signature ext4`];
    const mounted = script(WIPE_DISK, ...words);
    run('umount', join(folder, 'mnt'));
    expect([mounted.status, mounted.stderr]).toEqual([3, expect.stringContaining('it is mounted')]);
    expect(run('blkid', '-o', 'value', '-s', 'TYPE', disk).stdout).toBe('ext4\n');
    expect(script(WIPE_DISK, ...words).status).toBe(0);
    expect(run('wipefs', '--no-act', '--noheadings', disk).stdout).toBe('');
  });
});
