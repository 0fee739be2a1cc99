import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { freshWorld } from '../../src/twin/world.ts';
import { check, runAll, runLine, type Case } from './run-lines.ts';

let host: Host;

beforeEach(() => {
  host = createMemoryHost(freshWorld());
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
  ])('$name', (found) => check(host, found));

  it('are written with their usual contents once they were read, and local comes back', async () => {
    await runAll(host, ['pvesm add dir extra --path /srv//x/', 'pvesm remove local']);
    expect(await host.files.read('/etc/pve/storage.cfg')).not.toContain('dir: local\n');
    await runLine(host, 'pvesm set extra --shared 1');
    expect(await host.files.read('/etc/pve/storage.cfg')).toMatch(
      /\ndir: extra\n\tpath \/srv\/x\n\tcontent images,rootdir\n\tshared 1\n\ndir: local\n\tpath \/var\/lib\/vz\n/,
    );
  });
});
