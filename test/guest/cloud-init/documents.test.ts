import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reachable } from '../../../src/guest/cloud-init/acts-when.ts';
import { isSameValue } from '../../../src/guest/cloud-init/differences.ts';
import { isOurDocument, parseDocument } from '../../../src/guest/cloud-init/document-text.ts';
import { readInstance } from '../../../src/guest/cloud-init/instance.ts';
import type { DesiredUser } from '../../../src/model/desired.ts';
import { Secret } from '../../../src/model/value.ts';
import { documentsOf, textsOf, type Described } from './documents-of.ts';
import { machines } from './random-machines.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfeBt2/aYV3DbjoWvgMo7yb8FMRUuptKzObrXUwLa/I ops@lab';
/** `openssl passwd -6 -salt abcdefgh secret` */
const HASH =
  '$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.';

const FULL: Described = {
  vm: {
    agent: true,
    nics: [
      { slot: 'net0', ip: '10.0.0.101/24', gateway: '10.0.0.1', ip6: 'fd00::101/64', gateway6: 'fd00::1' },
      { slot: 'net1', mtu: 9000 },
      { slot: 'net2', ip6: 'auto' },
    ],
  },
  cloudInit: {
    fqdn: 'web.lab.internal',
    timezone: 'Europe/Berlin',
    nameservers: ['10.0.0.53', 'fd00::53'],
    searchDomain: 'lab.internal',
    users: [
      { name: 'ops', sshKeys: [KEY], hasSudo: true, groups: ['docker', 'adm'] },
      { name: 'guest', sshKeys: [], passwordHash: HASH, hasSudo: false, groups: [], shell: '/bin/sh' },
    ],
    packages: ['htop'],
    upgradesPackages: true,
    files: [
      { path: '/etc/motd', content: 'Hello.\n  Indented.\n', mode: 0o644 },
      { path: '/srv/app/key', content: '\u0000\u0001\u0002', mode: 0o600, owner: 'ops:ops' },
    ],
    nfsMounts: [{ server: 'nas', path: '/tank/media', mountPoint: '/mnt/media', options: 'ro' }],
    runCommands: ['echo done', ['touch', '/srv/a b']],
  },
};

const MINIMAL: Described = { vm: { nics: [{ slot: 'net0' }] } };

const MERGED: Described = {
  vm: { nics: [{ slot: 'net0', ip: '10.0.0.101/24' }] },
  cloudInit: {
    templates: {
      userData: {
        manage_etc_hosts: true,
        runcmd: ['echo mine'],
        packages: ['nginx'],
        updates: { network: { when: ['hotplug'] } },
      },
      networkConfig: {
        network: {
          version: 2,
          ethernets: {
            eth0: {
              match: { macaddress: 'ff:ff:ff:ff:ff:ff' },
              dhcp4: true,
              addresses: ['192.0.2.7/24'],
              mtu: 1300,
            },
          },
          vlans: { vlan7: { id: 7, link: 'eth0' } },
        },
      },
    },
  },
};

describe('the documents of', () => {
  test.each([
    [
      'a machine with everything',
      FULL,
      { user: 'full-user', network: 'full-network', meta: 'full-meta', vendor: 'empty-vendor' },
    ],
    ['a machine that only has a name', MINIMAL, { user: 'minimal-user', network: 'minimal-network' }],
    ["a machine with the user's own templates", MERGED, { user: 'merged-user', network: 'merged-network' }],
  ])('%s', (_, described, expected) => {
    const texts = textsOf(documentsOf(described));
    for (const [name, file] of Object.entries(expected)) {
      const path = new URL(`expected/${file}.yaml`, import.meta.url);
      expect(texts[name as keyof typeof texts]).toBe(readFileSync(path, 'utf8'));
    }
  });

  test('a clone of what has the agent installs none, and enables it', () => {
    const { user } = documentsOf({ vm: { agent: true }, more: { hasAgent: true } });
    expect(user).not.toHaveProperty('packages');
    expect(user).not.toHaveProperty('package_update');
    expect(user).toHaveProperty('runcmd', [['systemctl', 'enable', '--now', 'qemu-guest-agent']]);
  });

  test('a NIC that has no MAC yet is left out', () => {
    const nics = [{ slot: 'net0' }, { slot: 'net1' }];
    const { network } = documentsOf({
      vm: { nics },
      more: { macs: new Map([['net1', '02:AB:00:00:00:01']]) },
    });
    expect(network).toHaveProperty(['ethernets', 'eth1', 'match', 'macaddress'], '02:ab:00:00:00:01');
    expect(network).not.toHaveProperty(['ethernets', 'eth0']);
  });

  test('a machine of whose NICs the folder says nothing has those that it has ask by DHCP', () => {
    const macs = new Map([
      ['net1', '02:00:00:00:00:01'],
      ['net0', '02:00:00:00:00:00'],
    ]);
    const { ethernets } = documentsOf({ more: { macs } }).network as { ethernets: object };
    expect(Object.keys(ethernets)).toEqual(['eth0', 'eth1']);
    expect(ethernets).toMatchObject({ eth0: { dhcp4: true }, eth1: { dhcp4: true, optional: true } });
  });

  test('root can log in with the keys that it is given', () => {
    const users = [{ name: 'root', sshKeys: [KEY], hasSudo: false, groups: [] }];
    expect(documentsOf({ cloudInit: { users } }).user).toHaveProperty('disable_root', false);
  });

  test('the same machine are the same, whatever they are made of', () => {
    fc.assert(
      fc.property(machines, (described) => {
        const [first, second] = [textsOf(documentsOf(described)), textsOf(documentsOf(described))];
        expect(second).toEqual(first);
        for (const text of Object.values(first)) {
          expect(isOurDocument(text, { folderId: 'phoenix', vmid: 8101 })).toBe(true);
          expect(isOurDocument(text, { folderId: 'phoenix', vmid: 810 })).toBe(false);
          expect(isOurDocument(text, { folderId: 'other', vmid: 8101 })).toBe(false);
        }
        expect(isSameValue(parseDocument(first.user), documentsOf(described).user)).toBe(true);
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

describe('a password', () => {
  const user = (text: string, name = 'ops'): DesiredUser => ({
    name,
    sshKeys: [],
    password: new Secret('env:OPS', () => text),
    hasSudo: false,
    groups: [],
  });
  const hashIn = (one: DesiredUser, more: Described['more'] = {}): string => {
    const { user: document } = documentsOf({ cloudInit: { users: [one] }, more });
    return (document as { users: { hashed_passwd: string }[] }).users[0]?.hashed_passwd ?? '';
  };

  test('is hashed with SHA-512 crypt, the same each time, and another for each user and folder', () => {
    const hash = hashIn(user('canary-1'));
    expect(hash).toMatch(/^\$6\$[A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/);
    expect(hashIn(user('canary-1'))).toBe(hash);
    const others = [
      hashIn(user('canary-2')),
      hashIn(user('canary-1', 'root')),
      hashIn(user('canary-1'), { folderId: 'other' }),
    ];
    expect(new Set([hash, ...others]).size).toBe(4);
    expect(new Set([hash, ...others].map((one) => one.split('$')[2])).size).toBe(4);
  });

  test('never stands in a document', () => {
    const texts = textsOf(documentsOf({ cloudInit: { users: [user('canary-in-clear')] } }));
    expect(inspect(texts)).not.toContain('canary-in-clear');
  });
});

describe('what can still act on a machine that has booted', () => {
  test('are the keys that cloud-init acts on at each boot', () => {
    const there = { hostname: 'old', packages: ['a'], runcmd: ['x'], bootcmd: ['y'], users: [{ name: 'a' }] };
    const wanted = {
      hostname: 'new',
      packages: ['b'],
      runcmd: ['x'],
      users: [{ name: 'a' }],
      timezone: 'UTC',
    };
    expect(reachable(there, wanted)).toEqual({
      document: { hostname: 'new', packages: ['a'], runcmd: ['x'], users: [{ name: 'a' }] },
      left: ['packages', 'timezone'],
    });
  });

  test('is nothing where only the order of keys differs', () => {
    const document = { a: { b: 1, c: [1, { d: 2, e: 3 }] } };
    expect(reachable(document, { a: { c: [1, { e: 3, d: 2 }], b: 1 } })).toEqual({ document, left: [] });
  });
});

test.each([
  [{ phoenix: { generation: 3, reseed: 'x' } }, { generation: 3, reseed: 'x' }],
  [{ phoenix: { generation: 3 } }, { generation: 3 }],
  [{ phoenix: { generation: 0 } }, undefined],
  [{ phoenix: { generation: 1.5 } }, undefined],
  [{ phoenix: { generation: '3' } }, undefined],
  [{ phoenix: [] }, undefined],
  [{ 'instance-id': 'phoenix-phoenix-8101-3' }, undefined],
  [undefined, undefined],
])('the instance of meta-data %j is %j', (meta, expected) => {
  expect(readInstance(meta)).toEqual(expected);
});

test.each(['', '- a', 'a', 'a: [', 'a: b: c', 'a: 1\na: 2\n', '--- a\n--- b\n'])(
  '%j is no document',
  (text) => {
    expect(parseDocument(text)).toBeUndefined();
  },
);
