import fc from 'fast-check';
import type { DesiredFile, DesiredNfsMount, DesiredUser, DesiredVmNic } from '../../../src/model/desired.ts';
import { Secret } from '../../../src/model/value.ts';
import type { Described } from './documents-of.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
/** What YAML of any version, shells and cloud-init's own reader may stumble over. */
const awkward = fc.oneof(
  fc.constantFrom(
    'yes',
    'no',
    'on',
    'Off',
    '~',
    'null',
    '=',
    '0755',
    '0o7',
    '1_000',
    '1:30',
    '12e3',
    '.inf',
    '0x1f',
  ),
  fc.constantFrom(
    '2026-11-24',
    '- a',
    'a: b',
    '#x',
    'a #b',
    '&a',
    '*a',
    '!x',
    '%x',
    '@x',
    '`x`',
    '{{a}}',
    '[a',
    "it's",
  ),
  fc.constantFrom(
    ' lead',
    'trail ',
    'a\tb',
    'two\nlines\n',
    '\n\nlate',
    'a\u0085b',
    'a\u2028b',
    '\ufeffa',
    'é → 漢 😀',
    '"q"',
    '\\n',
  ),
  fc.constantFrom(
    '\u007f',
    'a\r\nb',
    '\u0001',
    'x\n  y\n z',
    'end\n\n',
    '',
    ' ',
    '\n',
    '<<',
    'a'.repeat(200),
  ),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 3 });

const key = word.map(
  (name) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfeBt2aYV3DbjoWvgMo7yb8FMRUuptKzObrXUwLa1 ${name}@lab`,
);
const password = fc.constantFrom('hunter2', 'pässwort', 'x').map((text) => new Secret('env:X', () => text));
const user: fc.Arbitrary<DesiredUser> = fc
  .record({
    name: fc.oneof(word, fc.constant('root')),
    sshKeys: some(key),
    passwordHash: optional(fc.constant('$6$abcdefgh$ltjgWl6579NluT')),
    password: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: password }),
    hasSudo: fc.boolean(),
    groups: some(word),
    shell: optional(fc.constant('/bin/sh')),
  })
  .map(defined);
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const file: fc.Arbitrary<DesiredFile> = fc
  .record({
    path,
    content: awkward,
    mode: optional(fc.constantFrom(0, 0o600, 0o755, 0o4755)),
    owner: optional(fc.constantFrom('root', 'root:root', 'web:www-data')),
  })
  .map(defined);
const nfs: fc.Arbitrary<DesiredNfsMount> = fc
  .record({
    server: word,
    path,
    mountPoint: path,
    options: optional(fc.constantFrom('ro', 'nfsvers=4.2,ro', 'noauto')),
  })
  .map(defined);
const nic = (index: number): fc.Arbitrary<DesiredVmNic> =>
  fc
    .record({
      slot: fc.constant(`net${index}`),
      mtu: optional(fc.constantFrom(1, 1400, 9000)),
      four: fc.constantFrom<Partial<DesiredVmNic>>(
        {},
        { ip: 'dhcp' },
        { ip: `10.${index}.0.9/24` },
        { ip: `10.${index}.0.9/24`, gateway: `10.${index}.0.1` },
      ),
      six: fc.constantFrom<Partial<DesiredVmNic>>(
        {},
        { ip6: 'dhcp' },
        { ip6: 'auto' },
        { ip6: `fd00:${index}::9/64` },
        { ip6: `fd00:${index}::9/64`, gateway6: `fd00:${index}::1` },
      ),
    })
    .map(({ four, six, ...rest }) => ({ ...defined(rest), ...four, ...six }));
const command = fc.oneof(awkward, fc.array(awkward, { minLength: 1, maxLength: 3 }));
const userTemplate = fc.constantFrom<Readonly<Record<string, unknown>> | undefined>(
  undefined,
  {},
  { packages: ['htop', ['nginx', '1.22']], runcmd: ['echo "from the template"'], timezone: 'UTC' },
  {
    bootcmd: ['echo : boots'],
    growpart: { mode: 'auto' },
    write_files: [{ path: '/etc/motd', content: 'hello\n' }],
  },
  {
    ssh_pwauth: false,
    users: ['default', { name: 'ops', sudo: null }],
    updates: { network: { when: ['hotplug'] } },
  },
);
const networkTemplate = fc.constantFrom<Readonly<Record<string, unknown>> | undefined>(
  undefined,
  { network: { version: 2, ethernets: { eth0: { addresses: ['192.0.2.7/24'], dhcp4: true, mtu: 1300 } } } },
  { vlans: { vlan7: { id: 7, link: 'eth0', addresses: ['198.51.100.2/24'] } } },
);

/** Any machine with Cloud-Init that a folder can describe. */
export const machines: fc.Arbitrary<Described> = fc
  .record({
    agent: fc.boolean(),
    hasAgent: fc.boolean(),
    nics: fc.integer({ min: 1, max: 3 }).chain((count) => fc.tuple(...[0, 1, 2].slice(0, count).map(nic))),
    hostname: word,
    fqdn: optional(word.map((name) => `${name}.lab.internal`)),
    timezone: optional(fc.constantFrom('Europe/Berlin', 'UTC')),
    nameservers: optional(some(fc.constantFrom('10.0.0.1', '9.9.9.9', 'fd00::53'))),
    searchDomain: optional(fc.constantFrom('lab.internal', 'a.example b.example')),
    users: fc.uniqueArray(user, { maxLength: 3, selector: ({ name }) => name }),
    packages: some(word),
    upgradesPackages: fc.boolean(),
    files: some(file),
    nfsMounts: some(nfs),
    runCommands: some(command),
    templates: fc
      .record({ userData: userTemplate, vendorData: userTemplate, networkConfig: networkTemplate })
      .map(defined),
    generation: fc.integer({ min: 1, max: 99 }),
  })
  .map(({ agent, hasAgent, nics, generation, ...init }) => ({
    vm: { agent, nics },
    cloudInit: defined(init),
    more: { hasAgent, instance: { generation } },
  }));

type Defined<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** A record without the keys that are undefined. */
function defined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}
