import type { MachineLaunch } from '../host.ts';
import type { VolumeContent, World, WorldVolume } from '../world.ts';
import { lookUp } from './volumes.ts';

/** What is on the disk that a VM boots from; undefined where that has no system on it. */
export function systemOf(world: World, launch: MachineLaunch): VolumeContent | undefined {
  return systemVolume(world, launch)?.content;
}

/** The first disk in boot order that holds something; the first one of all where none does. */
export function systemVolume(world: World, launch: MachineLaunch): WorldVolume | undefined {
  const disks = launch.drives.filter((drive) => !drive.isCdrom && !/^(efidisk|tpmstate)/.test(drive.key));
  const ordered = [
    ...launch.bootOrder.flatMap((key) => disks.filter((drive) => drive.key === key)),
    ...disks.filter((drive) => !launch.bootOrder.includes(drive.key)),
  ];
  const volumes = ordered.flatMap(({ medium }) => {
    const volume = medium.kind === 'volume' ? lookUp(world, medium.volume) : undefined;
    return volume === undefined ? [] : [volume];
  });
  return volumes.find((volume) => volume.content !== undefined) ?? volumes[0];
}
