import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generateCloudInit as step } from '../../../src/managers/vm/generate-cloud-init.ts';
import { journalLine } from '../../../src/model/journal.ts';
import type { DesiredCloudInit, DesiredVm } from '../../../src/model/desired.ts';
import type { StepAnswer } from '../../../src/model/step.ts';
import { Secret } from '../../../src/model/value.ts';
import { describeOperation, renderArgv, renderStdin } from '../../../src/pve/render.ts';
import { cloudInit, machine } from '../../desired-vm.ts';
import { codes, commands, effects } from '../given.ts';
import { askVm, storage, vm, type GivenVm } from './ask-vm.ts';

const SNIPPETS = '/var/lib/vz/snippets/phoenix-8101';
const NAMES = ['user', 'network', 'meta', 'vendor'];
const CUSTOM = NAMES.map((name) => `${name}=local:snippets/phoenix-8101-${name}.yaml`).join(',');
/** As `qm create` leaves it (recording qemu-cloudinit). */
const FRESH = `#phoenix%3A phoenix/8101
boot: order=scsi0
ide2: local:8101/vm-8101-cloudinit.qcow2,media=cdrom
name: web
net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0
scsi0: local:8101/vm-8101-disk-0.qcow2,size=3G
`;
const BOOTED = `#phoenix%3A phoenix/8101\ncicustom: ${CUSTOM}\n${FRESH.slice(FRESH.indexOf('\n') + 1)}`;
const IMAGE = { file: 'debian-12.qcow2', url: 'https://images.test/debian-12.qcow2' };
const NIC = { slot: 'net0', ip: '10.99.0.91/24', gateway: '10.99.0.1' };

function wanted(init: Partial<DesiredCloudInit> = {}, more: Partial<DesiredVm> = {}): Partial<DesiredVm> {
  return { image: IMAGE, nics: [NIC], ...more, cloudInit: cloudInit({ nameservers: ['10.0.0.1'], ...init }) };
}

/** One that the folder can't have made. */
function takenOver(): Partial<DesiredVm> {
  const { image: _, ...rest } = wanted();
  return rest;
}

/** The texts that an answer writes, by path. */
function written({ operations }: StepAnswer): Record<string, string> {
  return Object.fromEntries(
    operations.flatMap((one) => {
      if (one.op !== 'write' || one.content === null) return [];
      return [[one.path, one.content instanceof Secret ? one.content.reveal() : one.content]];
    }),
  );
}

/** The documents of a machine that was made from a folder. */
function made(desired: Partial<DesiredVm> = wanted(), more: Partial<GivenVm> = {}): Record<string, string> {
  return written(askVm(step, { desired, guest: vm(FRESH), ...more }));
}

describe('a machine that has never booted', () => {
  test('gets its four documents, readable for root alone, and its configuration names them', () => {
    const answer = askVm(step, { desired: wanted(), guest: vm(FRESH) });
    expect(commands(answer)).toEqual([
      ...NAMES.map((name) => `# write ${SNIPPETS}-${name}.yaml (•••, mode 0600)`),
      `qm set 8101 --cicustom ${CUSTOM} --digest '<digest of 8101>'`,
    ]);
    expect(effects(answer)).toEqual({
      'user-data': 'live',
      'network-config': 'live',
      'meta-data': 'live',
      'vendor-data': 'live',
      cicustom: 'live',
    });
    const texts = written(answer);
    expect(parse(texts[`${SNIPPETS}-network.yaml`] ?? '')).toEqual({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: '52:54:00:aa:cc:01' },
          'set-name': 'eth0',
          dhcp4: false,
          dhcp6: false,
          addresses: ['10.99.0.91/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.99.0.1' }],
          nameservers: { addresses: ['10.0.0.1'] },
        },
      },
    });
    expect(parse(texts[`${SNIPPETS}-meta.yaml`] ?? '')).toEqual({
      'instance-id': 'phoenix-phoenix-8101-1',
      'local-hostname': 'web',
      phoenix: { generation: 1 },
    });
  });

  test('that lacks a Cloud-Init drive gets one beside its disk, in the same call', () => {
    const answer = askVm(step, { desired: wanted(), guest: vm(FRESH.replace(/ide2.*\n/, '')) });
    expect(commands(answer).at(-1)).toBe(
      `qm set 8101 --cicustom ${CUSTOM} --ide2 local:cloudinit --digest '<digest of 8101>'`,
    );
    expect(answer.operations.at(-1)?.gates).toEqual(['storage:local']);
  });

  test('whose ide2 is taken gets it elsewhere', () => {
    const text = FRESH.replace(/ide2.*\n/, 'ide2: none,media=cdrom\n');
    expect(commands(askVm(step, { desired: wanted(), guest: vm(text) })).at(-1)).toContain(
      '--ide0 local:cloudinit',
    );
  });

  test('whose ide0 is to be a disk besides, too', () => {
    const text = FRESH.replace(/ide2.*\n/, 'ide2: none,media=cdrom\n');
    const disks = [{ slot: 'ide0', storage: 'local', sizeGiB: 1 }];
    const answer = askVm(step, { desired: wanted({}, { disks }), guest: vm(text) });
    expect(commands(answer).at(-1)).toContain('--sata0 local:cloudinit');
  });

  test('and stands on documents of an earlier life gets them anew, whatever they say', () => {
    const files = made(wanted({ packages: ['old'] }));
    const answer = askVm(step, { desired: wanted({ packages: ['new'] }), guest: vm(FRESH), files });
    expect(Object.keys(written(answer))).toEqual([`${SNIPPETS}-user.yaml`]);
    expect(written(answer)[`${SNIPPETS}-user.yaml`]).toContain('- new');
    expect(codes(answer)).toEqual([]);
  });

  test('but names the documents of what it was cloned from, gets its own', () => {
    const text = BOOTED.replaceAll('phoenix-8101-', 'phoenix-8100-');
    const answer = askVm(step, { desired: wanted(), guest: vm(text) });
    expect(commands(answer).at(-1)).toContain(`--cicustom ${CUSTOM}`);
    expect(answer.changes.at(-1)).toMatchObject({
      before: 'the documents of 8100',
      after: 'its documents on local',
    });
  });
});

describe('a machine that has booted with its documents', () => {
  const files = made();
  const running = vm(BOOTED, { running: true });

  test.each([
    ['as they are', vm(BOOTED)],
    ['as they are, running', running],
  ])('is left alone with documents %s', (_, guest) => {
    expect(askVm(step, { desired: wanted(), guest, files })).toMatchObject({
      changes: [],
      operations: [],
      diagnostics: [],
    });
  });

  test('has a changed DNS server written at once, for its next start, and keeps its instance', () => {
    const answer = askVm(step, { desired: wanted({ nameservers: ['9.9.9.9'] }), guest: running, files });
    expect(answer.changes).toEqual([
      {
        target: 8101,
        step: 'generate_cloud_init',
        attribute: 'network-config',
        before: 'eth0 nameservers addresses 10.0.0.1',
        after: 'eth0 nameservers addresses 9.9.9.9',
        effect: 'restart',
      },
    ]);
    expect(Object.keys(written(answer))).toEqual([`${SNIPPETS}-network.yaml`]);
    expect(answer.operations).toHaveLength(1);
    expect(answer.diagnostics).toEqual([]);
  });

  test('is told what acts at each boot, and what does not is left where people see it', () => {
    const desired = wanted({ hostname: 'www', packages: ['htop'], runCommands: ['true'] });
    const answer = askVm(step, { desired, guest: running, files });
    expect(effects(answer)).toEqual({ 'user-data': 'restart', 'meta-data': 'restart', 'first boot': 'live' });
    expect(answer.changes.find(({ attribute }) => attribute === 'first boot')).toMatchObject({
      before: 'another package_update, packages, runcmd',
      after: 'acts only with --reseed',
    });
    expect(answer.operations.flatMap(({ changes }) => changes)).toEqual(['user-data', 'meta-data']);
    expect(codes(answer)).toEqual(['vm/only-with-reseed']);
    const user = written(answer)[`${SNIPPETS}-user.yaml`] ?? '';
    expect(parse(user)).toEqual({
      ...(parse(files[`${SNIPPETS}-user.yaml`] ?? '') as object),
      hostname: 'www',
    });
    expect(parse(written(answer)[`${SNIPPETS}-meta.yaml`] ?? '')).toMatchObject({
      'instance-id': 'phoenix-phoenix-8101-1',
    });
  });

  test('is still shown what is left in the next plan, and no more when it is taken back', () => {
    const next = {
      ...files,
      ...written(askVm(step, { desired: wanted({ hostname: 'www' }), guest: running, files })),
    };
    const left = askVm(step, {
      desired: wanted({ hostname: 'www', packages: ['htop'] }),
      guest: running,
      files: next,
    });
    expect(left.operations).toEqual([]);
    expect(effects(left)).toEqual({ 'first boot': 'live' });
    expect(
      askVm(step, { desired: wanted({ hostname: 'www' }), guest: running, files: next }).changes,
    ).toEqual([]);
  });

  test('is reseeded where that is asked for: everything is written, under a new instance', () => {
    const desired = wanted({ packages: ['htop'] });
    const given = { desired, guest: running, options: { reseed: '2026-11-24T18:00:00Z' } };
    const answer = askVm(step, { ...given, files });
    expect(effects(answer)).toEqual({ 'user-data': 'restart', 'instance-id': 'restart' });
    expect(answer.diagnostics).toEqual([]);
    const meta = written(answer)[`${SNIPPETS}-meta.yaml`] ?? '';
    expect(parse(meta)).toEqual({
      'instance-id': 'phoenix-phoenix-8101-2',
      'local-hostname': 'web',
      phoenix: { generation: 2, reseed: '2026-11-24T18:00:00Z' },
    });
    const after = { ...files, ...written(answer) };
    expect(askVm(step, { ...given, files: after }).operations).toEqual([]);
    expect(askVm(step, { desired, guest: running, files: after }).changes).toEqual([]);
    const again = askVm(step, { ...given, files: after, options: { reseed: 'another call' } });
    expect(written(again)[`${SNIPPETS}-meta.yaml`]).toContain('phoenix-phoenix-8101-3');
  });

  test('is not reseeded where another was named', () => {
    const options = { reseed: 'now', reseedGuests: '8102,8103' };
    expect(askVm(step, { desired: wanted(), guest: running, files, options }).changes).toEqual([]);
  });

  test.each(NAMES)('gets its %s document back where somebody removed or broke it', (name) => {
    const path = `${SNIPPETS}-${name}.yaml`;
    const { [path]: text = '', ...rest } = files;
    const broken = { ...rest, [path]: text.replace(/8101\n[^]*/, '8101\n{{{') };
    for (const found of [rest, broken]) {
      expect(written(askVm(step, { desired: wanted(), guest: running, files: found }))).toEqual({
        [path]: text,
      });
    }
  });

  test('is left alone where only the order or the comments of a document differ', () => {
    const path = `${SNIPPETS}-meta.yaml`;
    const [mark = '', owner = ''] = (files[path] ?? '').split('\n');
    const text = `${mark}\n${owner}\n# by hand\nlocal-hostname: web\nphoenix: {generation: 1}\ninstance-id: phoenix-phoenix-8101-1\n`;
    expect(
      askVm(step, { desired: wanted(), guest: running, files: { ...files, [path]: text } }).operations,
    ).toEqual([]);
  });
});

describe('what is in the way', () => {
  const path = `${SNIPPETS}-user.yaml`;
  test.each([
    ["somebody's own document", '#cloud-config\nhostname: theirs\n'],
    ["another folder's", made()[path]?.replace('phoenix/8101', 'other/8101') ?? ''],
  ])('%s is refused, unless it is to be taken over', (_, text) => {
    const given = { desired: wanted(), guest: vm(FRESH), files: { [path]: text } };
    const refused = askVm(step, given);
    expect(codes(refused)).toEqual(['vm/foreign-snippet']);
    expect(refused.operations).toEqual([]);
    expect(written(askVm(step, { ...given, adopt: true }))[path]).toBe(made()[path]);
  });

  test('a machine that runs and has booted without any of it is left, unless it is reseeded', () => {
    const given = { desired: wanted(), guest: vm(FRESH, { running: true }) };
    const answer = askVm(step, given);
    expect(answer.operations).toEqual([]);
    expect(answer.changes).toMatchObject([{ attribute: 'Cloud-Init', after: 'acts only with --reseed' }]);
    expect(codes(answer)).toEqual(['vm/booted-without-cloud-init']);
    const reseeded = askVm(step, { ...given, options: { reseed: 'now' } });
    expect(Object.keys(written(reseeded))).toHaveLength(4);
    expect(new Set(Object.values(effects(reseeded)))).toEqual(new Set(['restart']));
  });

  test.each([
    ['taken over as it was, stopped', { desired: takenOver(), guest: vm(FRESH) }],
    [
      "someone else's documents",
      { desired: wanted(), guest: vm(`cicustom: user=local:snippets/theirs.yaml\n${FRESH}`) },
    ],
  ])('so is one with %s', (_, given) => {
    const answer = askVm(step, given);
    expect(answer.operations).toEqual([]);
    expect(codes(answer)).toEqual(['vm/booted-without-cloud-init']);
  });

  test('one that was taken over and has nothing said of it but its name is left in peace', () => {
    const desired = { nics: [{ slot: 'net0', bridge: 'vmbr0' }], cloudInit: cloudInit({ fqdn: 'web.lab' }) };
    for (const guest of [vm(FRESH), vm(FRESH, { running: true })]) {
      expect(askVm(step, { desired, guest })).toMatchObject({ changes: [], operations: [], diagnostics: [] });
    }
  });

  test.each([
    ['keys of its own', 'ciuser: dev\nipconfig0: ip=dhcp\n', 'keys'],
    ["its source's keys", 'ciuser: root\nipconfig0: ip=dhcp\n', 'snippets'],
    ["its source's documents", 'cicustom: user=local:snippets/theirs.yaml\n', 'snippets'],
  ])('a clone with %s is told by what fits', (_, lines, expected) => {
    const source = vm(
      `${FRESH}cicustom: user=local:snippets/theirs.yaml\nciuser: root\nipconfig0: ip=dhcp\ntemplate: 1\n`,
      { vmid: 9000 },
    );
    const desired = { ...takenOver(), cloneFrom: { vmid: 9000 } };
    const answer = askVm(step, { desired, guest: vm(`${FRESH}${lines}`), others: [source] });
    expect(Object.keys(written(answer))).toHaveLength(expected === 'snippets' ? 4 : 0);
    expect(codes(answer)).toEqual(expected === 'snippets' ? [] : ['vm/cloud-init-by-keys']);
  });

  test('a document that is larger than Proxmox reads is refused, with no word of it written', () => {
    const files = [{ path: '/srv/blob', content: '\u0000'.repeat(800_000) }];
    const answer = askVm(step, { desired: wanted({ files }), guest: vm(FRESH) });
    expect(codes(answer)).toEqual(['vm/document-too-large']);
    expect(answer.operations).toEqual([]);
    const smaller = [{ path: '/srv/blob', content: '\u0000'.repeat(700_000) }];
    expect(codes(askVm(step, { desired: wanted({ files: smaller }), guest: vm(FRESH) }))).toEqual([]);
  });

  test('a network-config of version 1 can not be merged', () => {
    const templates = { networkConfig: { version: 1, config: [] } };
    expect(codes(askVm(step, { desired: wanted({ templates }), guest: vm(FRESH) }))).toEqual([
      'vm/network-template-version',
    ]);
  });

  test.each([
    ['without Cloud-Init in the folder', { desired: {}, guest: vm(FRESH) }],
    ['that is a template already', { desired: wanted(), guest: vm(`${FRESH}template: 1\n`) }],
  ])('nothing is asked for a machine %s', (_, given) => {
    expect(askVm(step, given)).toMatchObject({ changes: [], operations: [], diagnostics: [] });
  });

  test('a machine that is not there is an error', () => {
    expect(codes(askVm(step, { desired: wanted() }))).toEqual(['vm/missing']);
  });
});

describe('a node without a storage for snippets', () => {
  const node = { storages: new Map([storage('local', ['images'])]) };
  const KEY =
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfeBt2/aYV3DbjoWvgMo7yb8FMRUuptKzObrXUwLa/I phoenix@example';
  const user = {
    name: 'phoenix',
    sshKeys: [KEY],
    password: new Secret('env:PHOENIX', () => 'canary-password'),
    hasSudo: true,
    groups: [],
  };
  const desired = wanted({ users: [user], searchDomain: 'lab.internal', packages: ['htop'] });

  test.each([
    ['its own name', { fqdn: 'web.lab.internal', searchDomain: 'lab.internal' }, undefined],
    ['another full name', { fqdn: 'web.other', searchDomain: 'lab.internal' }, 'the full host name'],
    ['another name', { hostname: 'www' }, 'a host name that is not its name'],
  ])('can say %s or not', (_, init, unsaid) => {
    const [said] = askVm(step, { desired: wanted(init), guest: vm(FRESH), node }).diagnostics;
    expect(said?.severity).toBe(unsaid === undefined ? 'notice' : 'warning');
    expect(said?.detail ?? '').toContain(unsaid ?? 'each change');
  });

  test("is told by Proxmox's own keys, with a warning of what they can't say", () => {
    const answer = askVm(step, { desired, guest: vm(FRESH), node });
    expect(commands(answer)).toEqual([
      `# write /run/phoenix-sshkeys-8101 (${KEY.length + 1} characters, mode 0600)`,
      [
        'qm set 8101 --ciuser phoenix --cipassword ••• --sshkeys /run/phoenix-sshkeys-8101',
        "--ipconfig0 ip=10.99.0.91/24,gw=10.99.0.1 --nameserver 10.0.0.1 --searchdomain lab.internal --ciupgrade 0 --digest '<digest of 8101>'",
      ]
        .join(' ')
        .replace('•••', "'•••'"),
      'rm -f -- /run/phoenix-sshkeys-8101',
    ]);
    expect(codes(answer)).toEqual(['vm/cloud-init-by-keys']);
    expect(answer.diagnostics[0]).toMatchObject({
      severity: 'warning',
      detail: expect.stringContaining('packages') as string,
    });
  });

  test('is left alone where they say it already (recording qemu-cloudinit)', () => {
    const { password: _, ...open } = user;
    const text = `#phoenix%3A phoenix/8101
boot: order=ide2;net0
ciupgrade: 0
ciuser: phoenix
ide2: local:8201/vm-8201-cloudinit.qcow2,media=cdrom
ipconfig0: gw=10.99.0.1,ip=10.99.0.91/24
name: web
nameserver: 10.0.0.1
net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0
searchdomain: lab.internal
sshkeys: ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAICfeBt2%2FaYV3DbjoWvgMo7yb8FMRUuptKzObrXUwLa%2FI%20phoenix%40example%0A
`;
    const answer = askVm(step, {
      desired: wanted({ users: [open], searchDomain: 'lab.internal' }),
      guest: vm(text),
      node,
    });
    expect(answer).toMatchObject({ changes: [], operations: [] });
    expect(answer.diagnostics).toMatchObject([{ code: 'vm/cloud-init-by-keys', severity: 'notice' }]);
  });

  test('has a NIC without an address ask by DHCP', () => {
    const one = wanted({}, { nics: [NIC, { slot: 'net1', bridge: 'vmbr0' }] });
    expect(commands(askVm(step, { desired: one, guest: vm(FRESH), node }))[0]).toContain(
      '--ipconfig1 ip=dhcp',
    );
  });

  test('stays with them while a machine runs that booted with them', () => {
    const text = `${FRESH}ciuser: phoenix\n`;
    const answer = askVm(step, { desired: wanted(), guest: vm(text, { running: true }) });
    expect(written(answer)).toEqual({});
    expect(codes(answer)).toEqual(['vm/cloud-init-by-keys']);
  });

  test('hands a password over by standard input, as a hash', () => {
    const [set] = askVm(step, { desired, guest: vm(FRESH), node }).operations.filter(
      ({ op }) => op === 'pve',
    );
    if (set?.op !== 'pve') throw new Error('no call');
    const filled = { ...set, params: { ...set.params, digest: 'd' } };
    expect(renderArgv(filled).slice(-3)).toEqual(['--digest', 'd', '--cipassword']);
    const [first, second, ...rest] = (renderStdin(filled) ?? '').split('\n');
    expect(first).toMatch(/^\$6\$[A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/);
    expect([second, ...rest]).toEqual([first, '']);
  });
});

test('no secret stands in what is shown or journaled, neither in clear nor as its hash', () => {
  const users = [
    {
      name: 'ops',
      sshKeys: [],
      password: new Secret('env:OPS', () => 'canary-password'),
      hasSudo: true,
      groups: [],
    },
    { name: 'dev', sshKeys: [], passwordHash: '$6$canarysalt$canaryhash', hasSudo: false, groups: [] },
  ];
  const files = made();
  const desired = wanted({ users, hostname: 'www', runCommands: ['echo canary-command'] });
  const node = { storages: new Map([storage('local', ['images'])]) };
  const answers = [
    askVm(step, { desired, guest: vm(FRESH) }),
    askVm(step, { desired, guest: vm(BOOTED, { running: true }), files }),
    askVm(step, { desired, guest: vm(BOOTED, { running: true }), files, options: { reseed: 'now' } }),
    askVm(step, { desired, guest: vm(FRESH), node }),
  ];
  for (const { changes, operations, diagnostics } of answers) {
    const journal = operations.map((operation, index) =>
      journalLine({ at: 0, run: 'r', entry: 'begin', index, target: 8101, step: 's', operation }),
    );
    const shown = [journal, operations.map(describeOperation), JSON.stringify([changes, diagnostics])];
    const text = `${shown.flat().join('\n')}${inspect([changes, operations, diagnostics], { depth: 9 })}`;
    expect(text).not.toMatch(/canary|\$6\$/);
  }
  // The test itself sees what it looks for.
  const user = written(answers[0]!)[`${SNIPPETS}-user.yaml`];
  expect(user).toMatch(/\$6\$canarysalt[^]*echo canary-command/);
  expect(user).not.toContain('canary-password');
});

test('what a document is made of shows in the reference of its content, but for its secrets', () => {
  const reference = (desired: Partial<DesiredVm>): string => {
    const [first] = askVm(step, { desired, guest: vm(FRESH) }).operations;
    return first?.op === 'write' && first.content instanceof Secret ? first.content.reference : '';
  };
  const withPassword = (text: string) =>
    wanted({
      users: [
        { name: 'ops', sshKeys: [], password: new Secret('env:OPS', () => text), hasSudo: true, groups: [] },
      ],
    });
  expect(reference(wanted())).toMatch(/^cloud-init:8101\/user@[0-9a-f]{16}$/);
  expect(reference(wanted())).not.toBe(reference(wanted({ packages: ['htop'] })));
  expect(reference(withPassword('a'))).toBe(reference(withPassword('b')));
});

test('it asks to see the documents of a machine with Cloud-Init, and nothing of others', () => {
  expect(step.needs?.(machine(8101, wanted()))).toEqual({ snippetsOf: [8101] });
  expect(step.needs?.(machine(8101))).toEqual({});
});
