import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runCommand } from '../../src/twin/tools.ts';
import { freshWorld } from '../../src/twin/world.ts';
import { CONF, PREPARED, check, runAll, runLine, type Case } from './run-lines.ts';

let host: Host;

beforeEach(() => {
  host = createMemoryHost(freshWorld());
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
  ])('$name', (found) => check(host, found));

  it('that are plugged stay in the file where a later key is refused', async () => {
    await runAll(host, [PREPARED, 'pct start 8101']);
    const nics = '--net0 name=eth0,bridge=vmbr0,ip=dhcp --net1 name=eth1';
    expect((await runLine(host, `pct set 8101 ${nics}`)).rc).toBe(255);
    expect(await host.files.read(CONF)).toMatch(
      /^net0: name=eth0,bridge=vmbr0,hwaddr=.*,ip=dhcp,type=veth$/m,
    );
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
  ])('$name', (found) => check(host, found));

  it('do not start without their hook script', async () => {
    await host.files.write('/var/lib/vz/snippets/hook.sh', '#!/bin/sh\n', 0o755);
    await runAll(host, [PREPARED, 'pct set 8101 --hookscript local:snippets/hook.sh']);
    expect((await runLine(host, 'pct start 8101')).rc).toBe(0);
    await runLine(host, 'pct stop 8101');
    await host.files.remove('/var/lib/vz/snippets/hook.sh');
    expect(await runLine(host, 'pct start 8101')).toMatchObject({
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
    await runAll(host, [
      PREPARED,
      'pct snapshot 8101 one',
      'pct resize 8101 rootfs +1G',
      'pct rollback 8101 one',
    ]);
    expect((await runLine(host, 'pct rescan --vmid 8101')).stdout).toBe('rescan volumes...\n');
    expect(await runLine(host, 'pct resize 8101 rootfs 1G')).toMatchObject({
      rc: 255,
      stderr: 'disk is already at specified size\n',
    });
  });

  it('keep all notes of a file written by hand', async () => {
    await host.files.write(CONF, '#one\ndescription: two\ndescription: %3Athree\narch: amd64\n');
    expect((await runLine(host, 'pct config 8101')).stdout).toContain('description: one%0Atwo%3Athree\n');
  });
});
