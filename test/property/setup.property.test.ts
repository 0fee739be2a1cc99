import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { needsOf } from '../../src/engine/view.ts';
import { hypervisorManager } from '../../src/managers/hypervisor/index.ts';
import type { DesiredHost, PoolLayout } from '../../src/model/desired-host.ts';
import type { RunResult } from '../../src/model/plan.ts';
import { rebootHost } from '../../src/twin/host-tools/reboot.ts';
import {
  createMemoryHost,
  twinNode,
  worldFromObservation,
  type Fault,
  type World,
} from '../../src/twin/index.ts';
import { PVE_DIALECT } from '../../src/node/index.ts';
import { Secret } from '../../src/model/value.ts';
import { done, outcomeOf, said, setUp } from '../managers/hypervisor/on-host.ts';
import { createCoverage } from './coverage.ts';
import { faultsWithin } from './faults.ts';
import {
  DISK_NAMES,
  DISK_STATES,
  hostSeeds,
  idOf,
  type DiskState,
  SERIALS,
  worldOf,
  type HostSeed,
} from './hosts.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 200);
const LEAST = Math.min(10, Math.floor(RUNS / 30));
const coverage = createCoverage();
fc.configureGlobal({ seed: Number(process.env['PHOENIX_PROPERTY_SEED'] ?? 20261124) });

const KEY = 'ssh-ed25519 AAAAours admin@desk';

type Wish = {
  readonly desired: DesiredHost;
  readonly layout: PoolLayout;
  readonly disks: readonly number[];
  readonly wipe: readonly string[];
  readonly allows: boolean;
};

const wishes: fc.Arbitrary<Wish> = fc
  .record({
    layout: fc.constantFrom<PoolLayout>('single', 'stripe', 'mirror', 'raidz1', 'raid10'),
    disks: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
    wipe: fc.subarray([...SERIALS]),
    allows: fc.boolean(),
    hasZfs: fc.boolean(),
    hasPeople: fc.boolean(),
    hasSystem: fc.boolean(),
    repositories: fc.constantFrom(undefined, 'by-subscription', 'no-subscription', 'enterprise'),
  })
  .map(({ layout, disks: drawn, wipe, allows, hasZfs, hasPeople, hasSystem, repositories }) => {
    const count = { single: 1, stripe: 2, mirror: 2, raidz1: 3, raid10: 4, raidz2: 4, raidz3: 4 }[layout];
    const disks = [...drawn, ...[0, 1, 2, 3].filter((one) => !drawn.includes(one))].slice(0, count);
    const desired: DesiredHost = {
      ...(repositories && { repositories }),
      ...(hasSystem && {
        timezone: 'Europe/Berlin',
        packages: ['htop', 'tmux'],
        sysctl: new Map([['vm.swappiness', '10']]),
        kernelModules: ['br_netfilter'],
      }),
      ...(hasPeople && {
        administrators: ['alice', 'carol'].map((name) => ({
          name,
          hasSudo: true,
          sshKeys: [KEY],
          passwordHash: new Secret('env:H', () => '$6$ours'),
        })),
      }),
      ...(hasZfs && {
        zfs: {
          arcMaxGiB: 1,
          pools: [{ name: 'tank', layout, disks: disks.map((index) => idOf(SERIALS[index] ?? '')) }],
          datasets: [
            {
              pool: 'tank',
              name: 'tank/data',
              properties: new Map([
                ['recordsize', '1M'],
                ['atime', 'off'],
              ]),
            },
          ],
        },
        storages: [
          { id: 'tank-data', type: 'zfspool' as const, dataset: 'tank/data', content: ['rootdir', 'images'] },
        ],
      }),
    };
    return { desired, layout, disks, wipe, allows };
  });

const faults = faultsWithin(4);

test('any host and any folder: setup converges, what is somebody else’s stays, a second run does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(hostSeeds, wishes, async (seed, wish) => {
      const world = worldOf(seed);
      const before = structuredClone(world);
      const first = await run(world, wish);
      note(seed, first);
      expect(untouched(world, before, seed, wish)).toEqual([]);
      expect(unmet(world, seed, wish)).toEqual([]);
      const settled = structuredClone(world);
      const second = await run(world, wish);
      expect(done(second)).toEqual([]);
      expect(said(second).filter((code) => !said(first).includes(code))).toEqual([]);
      expect({ ...world, clock: 0 }).toEqual({ ...settled, clock: 0, files: world.files });
    }),
    { numRuns: RUNS },
  );
});

test('a fault or a reboot at any operation is mended by a plain run', async () => {
  await fc.assert(
    fc.asyncProperty(
      hostSeeds,
      wishes,
      fc.nat({ max: 20 }),
      faults,
      fc.boolean(),
      async (seed, wish, at, fault, reboots) => {
        const world = worldOf(seed);
        const before = structuredClone(world);
        let hasStruck = false;
        await run(world, wish, (index) => {
          hasStruck ||= index === at;
          return index === at ? fault : undefined;
        });
        if (hasStruck) coverage.hit(`fault ${fault.fault}`);
        expect(untouched(world, before, seed, wish)).toEqual([]);
        if (reboots) rebootHost(world);
        await run(world, wish);
        expect(untouched(world, before, seed, wish)).toEqual([]);
        expect(unmet(world, seed, wish)).toEqual([]);
        expect(done(await run(world, wish))).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
});

test('the operations that a plan shows are those that run', async () => {
  await fc.assert(
    fc.asyncProperty(hostSeeds, wishes, async (seed, wish) => {
      const world = worldOf(seed);
      const desired = { settings: {}, ...wish.desired };
      const needs = needsOf([{ desired, manager: hypervisorManager }]);
      const node = twinNode({ world, host: createMemoryHost(world), dialect: PVE_DIALECT });
      const { text } = await node.observe('all', needs);
      const planned = await run(await worldFromObservation(text), wish);
      const ran = await run(world, wish);
      expect(done(planned)).toEqual(done(ran));
      expect(outcomeOf(planned).changes).toEqual(outcomeOf(ran).changes);
    }),
    { numRuns: RUNS },
  );
});

afterAll(() => {
  expect(
    coverage.missing(
      [
        ...DISK_STATES.map((state) => `disk ${state}`),
        'fault fail',
        'fault hang',
        'fault kill',
        'said hypervisor/disk-not-blank',
        'said hypervisor/disk-in-use',
        'said hypervisor/pool-elsewhere',
        'result changed',
        'result left',
        'result failed',
      ],
      LEAST,
    ),
  ).toEqual([]);
});

async function run(
  world: World,
  { desired, wipe, allows }: Wish,
  faultAt: (index: number) => Fault | undefined = () => undefined,
): Promise<RunResult | undefined> {
  return await setUp(world, desired, {
    allow: allows ? ['destroys-data'] : [],
    wipeDisks: wipe,
    faults: (_operation, index) => faultAt(index),
  });
}

function note(seed: HostSeed, result: RunResult | undefined): void {
  for (const state of seed.disks) coverage.hit(`disk ${state}`);
  for (const code of said(result)) coverage.hit(`said ${code}`);
  coverage.hit(`result ${outcomeOf(result).result}`);
}

/** Never wiped, whoever consents. */
const KEPT = new Set<DiskState>(['mounted', 'swap', 'lvm', 'their pool', 'unreadable']);

/** What of somebody else's is not as it was. */
function untouched(world: World, before: World, seed: HostSeed, wish: Wish): readonly string[] {
  const lost: string[] = [];
  const check = (what: string, isKept: boolean): void => {
    if (!isKept) lost.push(what);
  };
  DISK_NAMES.forEach((name, index) => {
    const state = seed.disks[index] ?? 'blank';
    const mayBeWiped =
      wish.allows &&
      wish.wipe.includes(SERIALS[index] ?? '') &&
      wish.desired.zfs !== undefined &&
      wish.disks.includes(index) &&
      !KEPT.has(state);
    if (state === 'blank' || mayBeWiped) return;
    const own = (of: World) => of.host.devices.filter((one) => one.name === name || one.parent === name);
    check(`disk ${name} (${state})`, same(own(world), own(before)));
  });
  for (const [name, pool] of Object.entries(before.host.pools)) {
    const index = DISK_NAMES.findIndex((disk) => name === `old-${disk}`);
    if (!pool.isImported && wish.wipe.includes(SERIALS[index] ?? '')) continue;
    check(`pool ${name}`, same(world.host.pools[name], pool));
  }
  for (const [name, dataset] of Object.entries(before.host.datasets)) {
    check(`dataset ${name}`, same(world.host.datasets[name], dataset));
  }
  const text = (of: World, path: string): string => of.files[path]?.text ?? '';
  for (const path of ['/etc/passwd', '/etc/shadow', '/srv/alice/.ssh/authorized_keys']) {
    for (const line of text(before, path).split('\n')) {
      check(`${path}: ${line}`, text(world, path).split('\n').includes(line));
    }
  }
  check('sources of Debian', text(world, '/etc/apt/sources.list') === text(before, '/etc/apt/sources.list'));
  check('options of ZFS', text(world, '/etc/modprobe.d/zfs.conf').includes('zfs_txg_timeout=10'));
  check('storages', text(world, '/etc/pve/storage.cfg').includes('nfs: theirs') === seed.hasStorage);
  return lost;
}

/** What the folder asks for, could be had, and is not so. */
function unmet(
  world: World,
  seed: HostSeed,
  { desired, disks, wipe, allows, layout }: Wish,
): readonly string[] {
  const { host, files } = world;
  const wrong: string[] = [];
  const want = (what: string, isSo: boolean): void => {
    if (!isSo) wrong.push(what);
  };
  if (desired.timezone !== undefined) want('timezone', host.timezone === desired.timezone);
  for (const name of desired.packages ?? []) want(`package ${name}`, host.packages[name] !== undefined);
  for (const [key, value] of desired.sysctl ?? []) want(key, host.sysctl[key] === value);
  for (const name of desired.kernelModules ?? []) want(name, host.modules.includes(name));
  for (const { name } of desired.administrators ?? []) {
    const home = (files['/etc/passwd']?.text ?? '')
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':')[5];
    want(`user ${name}`, home !== undefined);
    const keys = files[`${home}/.ssh/authorized_keys`]?.text ?? '';
    want(`key of ${name}, once`, keys.split('\n').filter((line) => line === KEY).length === 1);
    want(`sudo of ${name}`, files[`/etc/sudoers.d/phoenix-${name}`]?.mode === 0o440);
    const hash = name === 'alice' && seed.hasAlice ? '$y$alice' : '$6$ours';
    want(`password of ${name}`, (files['/etc/shadow']?.text ?? '').includes(`${name}:${hash}:`));
  }
  const sources = Object.entries(files).flatMap(([path, { text = '' }]) =>
    path.startsWith('/etc/apt/') ? [text] : [],
  );
  const isOn = (component: string): boolean =>
    sources.some((text) =>
      text
        .split(/\n\n/)
        .some(
          (part) =>
            new RegExp(`^deb .* trixie ${component}$`, 'm').test(part) ||
            (new RegExp(`^Components: ${component}$`, 'm').test(part) &&
              /^Suites: trixie$/m.test(part) &&
              !/^Enabled: no/m.test(part)),
        ),
    );
  if (desired.repositories && seed.hasProxmox) {
    const isFree =
      desired.repositories === 'no-subscription' ||
      (desired.repositories === 'by-subscription' && !seed.hasSubscription);
    if (isFree) want('no-subscription is on', isOn('pve-no-subscription'));
    if (isFree) want('enterprise is off', !isOn('pve-enterprise') && !isOn('enterprise'));
  }
  if (!desired.zfs) return wrong;
  const own = disks.map((index) => ({ state: seed.disks[index] ?? 'blank', serial: SERIALS[index] ?? '' }));
  const isElsewhere = seed.disks.some((state, index) => state === 'tank, exported' && !disks.includes(index));
  const isImportable = own.some(({ state }) => state === 'tank, exported');
  const canBeHad = own.every(
    ({ state, serial }) => state === 'blank' || (allows && wipe.includes(serial) && !KEPT.has(state)),
  );
  if (isElsewhere) {
    want('no pool', host.pools['tank'] === undefined);
    return wrong;
  }
  const isThere = host.pools['tank']?.isImported === true;
  want('the pool', isThere === (isImportable || canBeHad));
  if (!isThere) return wrong;
  if (!isImportable) {
    const kinds = host.pools['tank']?.vdevs.map(({ kind }) => kind) ?? [];
    const expected = {
      single: ['disk'],
      stripe: ['disk', 'disk'],
      mirror: ['mirror'],
      raidz1: ['raidz1'],
      raid10: ['mirror', 'mirror'],
      raidz2: ['raidz2'],
      raidz3: ['raidz3'],
    }[layout];
    want(`layout ${kinds.join()}`, same(kinds, expected));
  }
  want('recordsize', host.datasets['tank/data']?.['recordsize']?.value === '1048576');
  want('atime', host.datasets['tank/data']?.['atime']?.value === 'off');
  if (seed.hasProxmox)
    want(
      'storage',
      (files['/etc/pve/storage.cfg']?.text ?? '').includes('zfspool: tank-data\n\tpool tank/data\n'),
    );
  want('ARC', host.arcMaxBytes === 1024 ** 3);
  return wrong;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
