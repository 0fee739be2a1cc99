import type { Effect } from '../../../model/change.ts';
import type { DesiredDataset } from '../../../model/desired-host.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { ObservedDataset } from '../../../model/observed-host.ts';
import type { Operation } from '../../../model/operation.ts';
import { sameProperty } from '../../../pve/host/zfs-property.ts';
import { joined, recordOf, type HostInput, type Part } from '../part.ts';
import { finding } from '../operations.ts';
import { zfs } from './operations.ts';
import type { Pools } from './pools.ts';

/** Datasets in pools that are there: made if missing, their properties set where they differ. */
export function datasets(input: HostInput, { available, unseen }: Pools): Part {
  const found = input.observed.node.host?.datasets ?? new Map<string, ObservedDataset>();
  const wanted = input.desired.zfs?.datasets ?? [];
  const waiting = wanted.filter(({ pool }) => !available.has(pool) && !unseen.has(pool));
  const parts = wanted
    .filter(({ pool }) => available.has(pool))
    .map((dataset) => {
      const there = found.get(dataset.name);
      return there ? changed(input, dataset, there) : made(dataset);
    });
  return joined([
    ...parts,
    { diagnostics: [...(waiting.length > 0 ? [withoutPool(waiting)] : []), ...noLongerDescribed(input)] },
  ]);
}

function made({ name, properties }: DesiredDataset): Part {
  const attribute = `dataset ${name}`;
  const options = [...properties].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const shown = [...properties].map(([key, value]) => `${key}=${value}`).join(' ');
  return {
    changes: [zfs.change(attribute, undefined, shown === '' ? 'a dataset' : shown)],
    operations: [zfs.run([attribute], ['zfs', 'create', '-p', ...options, name])],
    makes: { datasets: [name] },
  };
}

function changed({ consent }: HostInput, { name, properties }: DesiredDataset, there: ObservedDataset): Part {
  const wrong = [...properties].filter(
    ([key, value]) => !sameProperty(key, value, there.properties.get(key)?.value),
  );
  const fixed = wrong.filter(([key]) => FIXED.has(key));
  const settable = wrong.filter(([key]) => !FIXED.has(key));
  const attribute = (key: string): string => `${key} of ${name}`;
  return {
    changes: settable.map(([key, value]) =>
      zfs.change(attribute(key), there.properties.get(key)?.value, value, effectOf(key)),
    ),
    ...(fixed.length > 0 && { diagnostics: [unchangeable(name, fixed, there)] }),
    operations: settings(
      name,
      settable.filter(([key]) => consent.allows(effectOf(key), 'node')),
      attribute,
    ),
  };
}

function settings(
  name: string,
  settable: readonly (readonly [string, string])[],
  attribute: (key: string) => string,
): readonly Operation[] {
  if (settable.length === 0) return [];
  const pairs = settable.map(([key, value]) => `${key}=${value}`);
  return [
    zfs.run(
      settable.map(([key]) => attribute(key)),
      ['zfs', 'set', ...pairs, name],
    ),
  ];
}

/** A mounted dataset is unmounted for some, and so is all that is below. */
function effectOf(key: string): Effect {
  return key === 'mountpoint' || key === 'canmount' ? 'restart' : 'live';
}

/** Properties that are given when a dataset is made, and never again. */
const FIXED = new Set([
  'casesensitivity',
  'encryption',
  'keyformat',
  'normalization',
  'pbkdf2iters',
  'utf8only',
  'volblocksize',
]);

function unchangeable(
  name: string,
  fixed: readonly (readonly [string, string])[],
  there: ObservedDataset,
): Diagnostic {
  return finding('warning', 'property-is-fixed', {
    summary: `Properties of ${name} differ and cannot be changed on a dataset that exists`,
    detail: fixed
      .map(
        ([key, value]) =>
          `${key} is ${there.properties.get(key)?.value ?? 'unset'}, the folder says ${value}`,
      )
      .join('\n'),
    remedy: 'Correct the folder, or make a new dataset and move the data.',
  });
}

function withoutPool(waiting: readonly DesiredDataset[]): Diagnostic {
  return finding('warning', 'dataset-without-pool', {
    summary: 'Datasets wait for their pools',
    detail: waiting.map(({ name }) => name).join(', '),
  });
}

function noLongerDescribed(input: HostInput): readonly Diagnostic[] {
  const described = new Set((input.desired.zfs?.datasets ?? []).map(({ name }) => name));
  const there = new Set(input.observed.node.host?.filesystems ?? []);
  const dropped = recordOf(input).datasets.filter((name) => there.has(name) && !described.has(name));
  if (dropped.length === 0) return [];
  return [
    finding('notice', 'dataset-not-described', {
      summary: 'Phoenix made datasets that the folder no longer describes; they stay, with what is in them',
      detail: dropped.join(', '),
      remedy: `If what is in them may be lost, on the host:\n${dropped.map((name) => `    zfs destroy ${name}`).join('\n')}`,
    }),
  ];
}
