import { beforeEach, describe, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { freshWorld } from '../../src/twin/world.ts';
import { check, type Case } from './run-lines.ts';

let host: Host;

beforeEach(() => {
  host = createMemoryHost(freshWorld());
});

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
  ])('$name', (found) => check(host, found));
});
