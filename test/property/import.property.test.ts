import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { describeContainer } from '../../src/managers/lxc/describe/container.ts';
import { parseObservation } from '../../src/pve/observation.ts';
import { freshWorld, type World } from '../../src/twin/index.ts';
import { converge, textOf } from './converge.ts';
import { createCoverage } from './coverage.ts';
import { folders, load, type FolderJson, type GuestJson } from './folders.ts';
import { deeds, doByHand } from './hands.ts';
import { configText, headOf } from './oracle.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 150);
const LEAST = Math.min(10, Math.floor(RUNS / 15));
const coverage = createCoverage();
fc.configureGlobal({ seed: Number(process.env['PHOENIX_PROPERTY_SEED'] ?? 20261124) });

test('what is imported asks for nothing, and made anew elsewhere it is the same, key by key', async () => {
  await fc.assert(
    fc.asyncProperty(folders, deeds, async (made, byHand) => {
      const world = freshWorld();
      await converge(world, await load(made));
      // A folder takes a MAC address once, so only one guest gets the one that is given by hand.
      await doByHand(
        world,
        byHand.filter((words) => words[3] !== '--net5' || words[2] === '200'),
      );
      // What waits would be in force only after a restart, and is not imported.
      await settle(world);
      const imported = await importOf(world);
      fc.pre(imported.size > 0);
      const folder = await load(imported);

      const adopting = await converge(world, folder, { consent: 'live', adopt: true });
      for (const { changes } of adopting.result?.targets ?? []) {
        expect(
          changes.filter(({ attribute }) => !/^(description|owner|running|record)$/.test(attribute)),
        ).toEqual([]);
      }
      const again = await converge(world, folder);
      expect(again.ran.filter(({ op }) => op !== 'check' && op !== 'wait')).toEqual([]);

      const elsewhere = freshWorld();
      await converge(elsewhere, folder);
      for (const vmid of imported.keys()) {
        const [here, there] = [world, elsewhere].map((one) => comparable(configText(one, vmid) ?? ''));
        // A root disk of less than 10 GiB is more than a folder may say.
        if (/size=[1-9]G/.test(here?.['rootfs'] ?? ''))
          for (const one of [here, there]) delete one?.['rootfs'];
        // Name servers of a container without a network are nothing that a folder could say.
        if (!/^net\d/m.test(configText(world, vmid) ?? '')) delete here?.['nameserver'];
        if (here?.['template'] === '1') delete here['mp /by-hand'];
        expect(there, `guest ${vmid}`).toEqual(here);
        for (const key of Object.keys(here ?? {})) coverage.hit(key.split(/[\d ]/)[0] ?? '');
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);

afterAll(() => {
  process.stdout.write(`\nKeys that were compared:\n${coverage.table()}\n`);
  expect(coverage.missing(WANTED, LEAST)).toEqual([]);
});

const WANTED =
  'cores dev features hostname memory mp nameserver net onboot protection rootfs searchdomain startup swap tags timezone'.split(
    ' ',
  );

async function importOf(world: World): Promise<FolderJson> {
  const observation = parseObservation(await textOf(world));
  const ours = [...observation.guests.values()].filter(
    ({ vmid, kind, config }) => kind === 'lxc' && vmid >= 200 && !isSource(config.snapshots),
  );
  return new Map(
    ours.map((guest) => {
      const { groups } = describeContainer(guest, observation);
      return [guest.vmid, Object.assign({}, ...groups) as GuestJson];
    }),
  );
}

/** A container with snapshots can't be made anew with them, and with a bind mount not be compared. */
function isSource(snapshots: ReadonlyMap<string, unknown>): boolean {
  return snapshots.size > 0;
}

async function settle(world: World): Promise<void> {
  for (const vmid of [200, 201, 202, 203, 300, 301]) {
    const text = configText(world, vmid);
    if (text?.includes('[pve:pending]') === true)
      await doByHand(world, [
        ['pct', 'stop', String(vmid)],
        ['pct', 'start', String(vmid)],
      ]);
  }
}

/** A config as keys and values in which indices, which nobody chooses, are left out of lists. */
function comparable(text: string): Record<string, string> {
  const entries = [...headOf(text)].flatMap(([key, value]): [string, string][] => {
    if (/^unused\d+$/.test(key)) return [];
    if (/^mp\d+$/.test(key)) {
      const mount = withoutVolume(value);
      return [[`mp ${/mp=([^,]*)/.exec(mount)?.[1]}`, mount]];
    }
    // A NIC that says that it is not filtered is one that says nothing of it.
    if (/^net\d+$/.test(key))
      return [[`net ${/name=([^,]*)/.exec(value)?.[1]}`, value.replace(',firewall=0', '')]];
    if (/^dev\d+$/.test(key)) return [[`dev ${value}`, value]];
    return [[key, key === 'rootfs' ? withoutVolume(value) : value]];
  });
  return Object.fromEntries(entries);
}

/** The storage of a volume stays, its name is the node's own business; a template's are called base. */
function withoutVolume(value: string): string {
  return value
    .replace(/^([a-z-]+):[^,]*/, '$1')
    .split(',')
    .toSorted()
    .join(',');
}
