import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runCommand } from '../../src/twin/tools.ts';
import { freshWorld } from '../../src/twin/world.ts';

// Sequences of commands and what Proxmox VE 8's sources say that the last of them answers.

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const CONF = '/etc/pve/lxc/8101.conf';
const PREPARED = `pct create 8101 ${TEMPLATE} --rootfs local-btrfs:1 --unprivileged 1`;

let host: Host;

beforeEach(() => {
  host = createMemoryHost(freshWorld());
});

type Case = { name: string; run: string[]; rc: number; stderr?: string | RegExp; stdout?: string | RegExp };

describe('a command line', () => {
  it.each<Case>([
    {
      name: 'an option with an empty value after = has none',
      run: ['pct set 101 --desc='],
      rc: 255,
      stderr:
        'Option description requires an argument\n400 unable to parse option\npct set <vmid> [OPTIONS]\n',
    },
    { name: 'a switch may have one', run: ['pct set 101 --onboot='], rc: 0 },
    {
      name: 'the beginning of one command stands for it',
      run: ['pct stat 101'],
      rc: 0,
      stdout: 'status: running\n',
    },
    {
      name: 'also below another',
      run: ['pvesm sc nf'],
      rc: 255,
      stderr: '400 not enough arguments\npvesm scan nfs <server>\n',
    },
    {
      name: 'the beginning of several is incomplete',
      run: ['pct s 101'],
      rc: 255,
      stderr:
        /^ERROR: incomplete command 'pct s'\nUSAGE: pct <COMMAND> \[ARGS\] \[OPTIONS\]\n\n {7}pct s clone <vmid>/,
    },
    { name: 'an alias', run: ['pvesm nfsscan'], rc: 255, stderr: /\npvesm scan nfs <server>\n$/ },
    {
      name: 'of nothing',
      run: ['pvesm scan x'],
      rc: 255,
      stderr: /^ERROR: unknown command 'pvesm scan x'\n/,
    },
    {
      name: 'half a command',
      run: ['pvesm scan'],
      rc: 255,
      stderr: /^ERROR: incomplete command 'pvesm scan'\n[^]*\n {7}pvesm scan cifs <server>/,
    },
  ])('$name', check);
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
  ])('$name', check);

  it('of nowhere lose their size, readable ones get it', async () => {
    await runAll([
      PREPARED,
      'pct set 8101 --mp0 local:8101/none.raw,mp=/x,size=4G',
      'pct set 8101 --mp1 local:foo,mp=/y,size=4G',
    ]);
    expect(await host.files.read(CONF)).toMatch(
      /^mp0: local:8101\/none.raw,mp=\/x\nmp1: local:foo,mp=\/y,size=4G$/m,
    );
  });
});

describe('NICs', () => {
  it.each<Case>([
    {
      name: 'without a bridge a stopped container takes one and complains afterwards',
      run: [PREPARED, 'pct set 8101 --net0 name=eth0'],
      rc: 2,
      stderr: /^(Use of uninitialized value \$bridge in .*\n){2}bridge '' does not exist\n$/,
    },
    {
      name: 'without a bridge a running container takes none',
      run: [PREPARED, 'pct start 8101', 'pct set 8101 --net0 name=eth0'],
      rc: 255,
      stderr: /\nnet0: unable to hotplug net0: unable to get bridge setting\n/,
    },
  ])('$name', check);

  it('that are plugged stay in the file where a later key is refused', async () => {
    await runAll([PREPARED, 'pct start 8101']);
    const nics = '--net0 name=eth0,bridge=vmbr0,ip=dhcp --net1 name=eth1';
    expect((await run(`pct set 8101 ${nics}`)).rc).toBe(255);
    expect(await host.files.read(CONF)).toMatch(
      /^net0: name=eth0,bridge=vmbr0,hwaddr=.*,ip=dhcp,type=veth$/m,
    );
  });
});

describe('storages', () => {
  it.each<Case>([
    {
      name: 'of other nodes are added untried',
      run: ['pvesm add dir far --path /nope --create-base-path 0 --nodes other'],
      rc: 0,
    },
    {
      name: 'have plain paths',
      run: ["pvesm add dir odd --path '/srv/a b'"],
      rc: 255,
      stderr: 'illegal path for directory storage: /srv/a b\n',
    },
    {
      name: 'are warned of old options',
      run: ['pvesm add dir old --path /srv --mkdir 1'],
      rc: 0,
      stderr: /^NOTE: The 'mkdir' option set for 'old' is deprecated/,
    },
    {
      name: 'of other nodes look disabled',
      run: ['pvesm add dir far --path /srv --nodes other', 'pvesm status'],
      rc: 0,
      stdout: /^far +dir +disabled +0 +0 +0 +N\/A$/m,
    },
    {
      name: 'that are disabled hold nothing',
      run: ['pvesm set local-btrfs --disable 1', 'pvesm status --content images --storage local-btrfs'],
      rc: 255,
      stderr: /\nstorage: No such storage\.\n/,
    },
    {
      name: 'that cannot be used are complained about',
      run: [
        'pvesm add dir off --path /nope/x --create-base-path 0 --disable 1',
        'pvesm set off --disable 0',
        'pvesm status',
      ],
      rc: 0,
      stdout: /^off +dir +inactive +0 +0 +0 +0\.00%$/m,
      stderr: /^unable to activate storage 'off' - directory '\/nope\/x' does not exist or is unreachable\n$/,
    },
  ])('$name', check);

  it('are written with their usual contents once they were read, and local comes back', async () => {
    await runAll(['pvesm add dir extra --path /srv//x/', 'pvesm remove local']);
    expect(await host.files.read('/etc/pve/storage.cfg')).not.toContain('dir: local\n');
    await run('pvesm set extra --shared 1');
    expect(await host.files.read('/etc/pve/storage.cfg')).toMatch(
      /\ndir: extra\n\tpath \/srv\/x\n\tcontent images,rootdir\n\tshared 1\n\ndir: local\n\tpath \/var\/lib\/vz\n/,
    );
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
    await runAll([`pct create 8101 ${TEMPLATE} --rootfs local:1`]);
    const section = '\n[one]\nrootfs: local:8101/vm-8101-disk-0.raw,size=1G\nsnaptime: 1\n';
    await host.files.write(CONF, `${await host.files.read(CONF)}${section}`);
    await check(found);
  });
});

describe('containers', () => {
  it.each<Case>([
    {
      name: 'are not made from a pipe',
      run: ['pct create 8101 -'],
      rc: 255,
      stderr: 'pipe can only be used with restore tasks\n',
    },
  ])('$name', check);

  it('do not start without their hook script', async () => {
    await host.files.write('/var/lib/vz/snippets/hook.sh', '#!/bin/sh\n', 0o755);
    await runAll([PREPARED, 'pct set 8101 --hookscript local:snippets/hook.sh']);
    expect((await run('pct start 8101')).rc).toBe(0);
    await run('pct stop 8101');
    await host.files.remove('/var/lib/vz/snippets/hook.sh');
    expect(await run('pct start 8101')).toMatchObject({
      rc: 255,
      stderr: "hookscript error for 8101 on pre-start: script 'local:snippets/hook.sh' does not exist \n",
    });
  });

  it.each([
    ['0', undefined],
    ['a\n\n', '#a'],
    ['0\n', '#0'],
  ])('have notes %j in their file', async (notes, line) => {
    await runCommand(host, ['pct', 'set', '101', '--description', notes]);
    expect((await host.files.read('/etc/pve/lxc/101.conf'))?.match(/^#.*$/m)?.[0]).toBe(line);
  });

  it('have volumes of the size that they had at a snapshot', async () => {
    await runAll([PREPARED, 'pct snapshot 8101 one', 'pct resize 8101 rootfs +1G', 'pct rollback 8101 one']);
    expect((await run('pct rescan --vmid 8101')).stdout).toBe('rescan volumes...\n');
    expect(await run('pct resize 8101 rootfs 1G')).toMatchObject({
      rc: 255,
      stderr: 'disk is already at specified size\n',
    });
  });

  it('keep all notes of a file written by hand', async () => {
    await host.files.write(CONF, '#one\ndescription: two\ndescription: %3Athree\narch: amd64\n');
    expect((await run('pct config 8101')).stdout).toContain('description: one%0Atwo%3Athree\n');
  });
});

async function check({ run: lines, rc, stderr, stdout }: Case): Promise<void> {
  const result = await runAll(lines);
  expect(result.rc).toBe(rc);
  if (typeof stderr === 'string') expect(result.stderr).toBe(stderr);
  if (stderr instanceof RegExp) expect(result.stderr).toMatch(stderr);
  if (typeof stdout === 'string') expect(result.stdout).toBe(stdout);
  if (stdout instanceof RegExp) expect(result.stdout).toMatch(stdout);
}

async function runAll(lines: readonly string[]): Promise<Awaited<ReturnType<typeof run>>> {
  let last = { rc: 0, stdout: '', stderr: '' };
  for (const line of lines) last = await run(line);
  return last;
}

function run(line: string): ReturnType<typeof runCommand> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return runCommand(host, words);
}
