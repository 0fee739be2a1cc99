import fc from 'fast-check';
import type { Folder } from '../../src/model/desired.ts';
import type { World } from '../../src/twin/index.ts';
import { folders, successor, type FolderJson } from '../property/folders.ts';
import { deeds, type Deed } from '../property/hands.ts';
import { unmet } from '../property/oracle.ts';
import { loadMixed, mixedFolders, mixedSuccessor, mixedUnprotected } from '../property/vm-folders.ts';
import { machineDeeds } from '../property/vm-hands.ts';
import { unmetMixed } from '../property/vm-oracle.ts';
import { loadWithSecret } from './load.ts';

/** What a seed draws: a folder that shaped the node, what people did to it since, and the next folder. */
export type Drawn = {
  readonly kind: 'containers' | 'mixed';
  readonly before: () => Promise<Folder>;
  readonly byHand: readonly Deed[];
  readonly next: () => Promise<Folder>;
  /** What of the next folder is not so. */
  readonly unmet: (world: World) => readonly string[];
};

/** Folders of containers, or of virtual machines with a container between them, by the seed. */
export function draw(seed: number): Drawn {
  return seed % 5 < 3 ? drawContainers(seed) : drawMixed(seed);
}

function drawContainers(seed: number): Drawn {
  const before = unprotected(sample(folders, seed));
  const next = successor(before, unprotected(sample(folders, seed + 1)));
  return {
    kind: 'containers',
    before: async () => await loadWithSecret(before),
    byHand: sample(deeds, seed + 2),
    next: async () => await loadWithSecret(next),
    unmet: (world) => unmet(world, next, () => true),
  };
}

function drawMixed(seed: number): Drawn {
  const before = mixedUnprotected(sample(mixedFolders, seed));
  const next = mixedSuccessor(before, mixedUnprotected(sample(mixedFolders, seed + 1)));
  return {
    kind: 'mixed',
    before: async () => await loadMixed(before),
    byHand: sample(machineDeeds, seed + 2),
    next: async () => await loadMixed(next),
    unmet: (world) => unmetMixed(world, next),
  };
}

/** A protected guest whose drives must change is rightly refused, and only its owner can lift that. */
function unprotected(json: FolderJson): FolderJson {
  return new Map([...json].map(([vmid, { protection: _, ...guest }]) => [vmid, guest]));
}

function sample<T>(values: fc.Arbitrary<T>, seed: number): T {
  return fc.sample(values, { seed, numRuns: 1 })[0] as T;
}
