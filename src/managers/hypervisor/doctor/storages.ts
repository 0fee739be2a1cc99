import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation, ObservedStorage } from '../../../model/observation.ts';
import { finding } from './finding.ts';

/** Pools that are not well, storages on what is not there, and kinds of content that nothing holds. */
export function storageFindings(observation: Observation): readonly Diagnostic[] {
  const { host, storages } = observation;
  const pools = host?.pools;
  const unwell = (pools ?? []).filter(({ health }) => health !== 'ONLINE');
  const known = new Set(pools?.map(({ name }) => name));
  const enabled = [...storages.values()].filter(({ options }) => options.get('disable') !== '1');
  const lost = enabled.filter(
    ({ type, options }) =>
      pools !== undefined && type === 'zfspool' && !known.has(poolOf(options.get('pool'))),
  );
  const has = (content: string): boolean => enabled.some((storage) => storage.content.includes(content));
  return [
    ...unwell.map(({ name, health, status }) =>
      finding(health === 'DEGRADED' ? 'warning' : 'error', 'pool-unhealthy', {
        summary: `The pool ${name} is ${health}`,
        ...(status !== undefined && { detail: status }),
        remedy: `Find out which disk it is, and replace it:\n    zpool status -v ${name}`,
      }),
    ),
    ...lost.map(withoutPool),
    ...(observation.hasProxmox
      ? CONTENTS.flatMap(([content, report]) => (has(content) ? [] : [report]))
      : []),
  ];
}

function poolOf(dataset = ''): string {
  return dataset.split('/')[0] ?? '';
}

function withoutPool({ id, options }: ObservedStorage): Diagnostic {
  return finding('error', 'storage-without-pool', {
    summary: `The storage ${id} lies on a pool that is not imported`,
    detail: `It names ${options.get('pool')}.`,
    remedy: `Import the pool, or remove the storage:\n    zpool import ${poolOf(options.get('pool'))}`,
  });
}

const CONTENTS: readonly (readonly [string, Diagnostic])[] = [
  [
    'rootdir',
    finding('warning', 'no-rootdir', {
      summary: 'No storage holds volumes of containers',
      remedy: 'Let one hold them ("rootdir"):\n    pvesm set STORAGE --content images,rootdir',
    }),
  ],
  [
    'vztmpl',
    finding('warning', 'no-templates', {
      summary: 'No storage holds templates of containers',
      remedy: 'Let one hold them ("vztmpl"):\n    pvesm set local --content iso,vztmpl,backup',
    }),
  ],
  [
    'snippets',
    finding('notice', 'no-snippets', {
      summary: 'No storage holds snippets, so Cloud-Init says only what Proxmox’s own keys can',
      remedy:
        'Let a storage with a directory hold them:\n    pvesm set local --content iso,vztmpl,backup,snippets',
    }),
  ],
];
