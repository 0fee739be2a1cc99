import { describe, expect, it } from 'vitest';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runCommand } from '../../src/twin/tools.ts';
import { freshWorld } from '../../src/twin/world.ts';

const RULES = '/nodes/localhost/lxc/100/firewall/rules';

function node(text?: string) {
  const world = freshWorld();
  const path = '/etc/pve/firewall/100.fw';
  if (text !== undefined) world.files[path] = { type: 'file', text };
  const host = createMemoryHost(world);
  return {
    run: (line: string) => runCommand(host, line.split(' ')),
    file: () => world.files[path]?.text,
  };
}

describe('the firewall calls of pvesh', () => {
  it('keep aliases and IP sets, and know their names', async () => {
    const { run, file } = node(
      '[ALIASES]\nhome 10.0.0.0/24\n[IPSET friends] # few\n10.1.0.1\n[RULES]\nIN ACCEPT\n',
    );
    expect(await run(`pvesh create ${RULES} --type in --action DROP --source home --enable 1`)).toMatchObject(
      { rc: 0 },
    );
    expect(await run(`pvesh create ${RULES} --type in --action DROP --source +friends`)).toMatchObject({
      rc: 0,
    });
    expect(await run(`pvesh create ${RULES} --type in --action DROP --source +foes`)).toMatchObject({
      rc: 2,
    });
    expect(file()).toBe(
      '[ALIASES]\n\nhome 10.0.0.0/24\n\n[IPSET friends] # few\n\n10.1.0.1\n\n' +
        '[RULES]\n\n|IN DROP -source +friends\nIN DROP -source home\nIN ACCEPT\n\n',
    );
  });

  it('change, move and delete a rule by its place', async () => {
    const { run, file } = node(
      '[RULES]\n\nIN ACCEPT -p tcp -dport 1\nIN ACCEPT -p tcp -dport 2\nIN ACCEPT -p tcp -dport 3\n\n',
    );
    await run(`pvesh set ${RULES}/0 --moveto 2`);
    expect(file()).toMatch(/dport 2\n.*dport 1\n.*dport 3\n/);
    await run(`pvesh set ${RULES}/0 --enable 0 --dport 22 --comment two`);
    expect(file()).toContain('|IN ACCEPT -p tcp -dport 22 # two\n');
    expect(await run(`pvesh delete ${RULES}/7`)).toMatchObject({
      rc: 255,
      stderr: 'no rule at position 7\n',
    });
    for (let left = 3; left > 0; left--) await run(`pvesh delete ${RULES}/0`);
    expect(file()).toBeUndefined();
  });

  it('refuse to change what somebody else has changed', async () => {
    const { run } = node('[RULES]\n\nIN ACCEPT\n\n');
    const digest = '0'.repeat(40);
    expect((await run(`pvesh delete ${RULES}/0 --digest ${digest}`)).stderr).toContain(
      'detected modified configuration',
    );
  });

  it.each([
    ['--dport 70000 --proto tcp', "dport: invalid format - invalid port '70000'"],
    ['--dport 9:3 --proto tcp', "dport: invalid format - backwards range '9:3' not allowed"],
    ['--dport 1 --proto icmp', undefined],
    ['--dport 1 --proto gre', "dport: protocol 'gre' does not support ports"],
    ['--source 10.0.0.1,fe80::1', 'source: invalid format - detected mixed'],
    ['--source 10.0.0.1 --dest fe80::1', 'dest: detected mixed ipv4/ipv6 addresses in rule'],
    ['--macro nosuch', "macro: unknown macro 'nosuch'"],
    ['--iface eth0', 'iface: value does not match'],
  ])('%s', async (words, complaint) => {
    const { run } = node();
    const { rc, stderr } = await run(`pvesh create ${RULES} --type in --action ACCEPT ${words}`);
    if (complaint === undefined) expect(rc).toBe(0);
    else expect(stderr).toContain(complaint);
  });

  it('say what there is no handler for', async () => {
    expect(await node().run('pvesh get /nodes/localhost/status')).toMatchObject({ rc: 255 });
  });
});
