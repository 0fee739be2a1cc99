import type { World } from '../../src/twin/index.ts';
import { headOf } from '../property/oracle.ts';

/** Everything of guests that no folder of the simulation names: their configurations and volumes. */
export function foreignGuests(world: World): unknown {
  const configs = Object.entries(world.files)
    .filter(([path]) => /\/(?:lxc|qemu-server)\/(?:100|101|210|3\d\d)\.conf$/.test(path))
    .map(([path, { text }]) => [path, text]);
  const volumes = Object.values(world.volumes).flatMap((byGuest) =>
    Object.entries(byGuest).filter(([vmid]) => !/^2[034]\d$/.test(vmid)),
  );
  return structuredClone([configs, volumes]);
}

/**
 * Puts a mark onto every volume that somebody may have data on: those that a guest's configuration
 * names. The marks must be on some volume ever after.
 */
export function markVolumes(world: World): readonly string[] {
  const marks: string[] = [];
  for (const [path, { text = '' }] of Object.entries(world.files)) {
    const vmid = /\/(?:lxc|qemu-server)\/(2[034]\d)\.conf$/.exec(path)?.[1];
    if (vmid === undefined) continue;
    for (const [key, value] of headOf(text)) {
      if (!/^(?:rootfs|(?:mp|unused|scsi|virtio|sata)\d+)$/.test(key)) continue;
      const [storage = '', name = ''] = (value.split(',')[0] ?? '').split(':');
      const content = world.volumes[storage]?.[vmid]?.[name]?.content;
      if (!content) continue;
      const mark = `data of ${vmid} ${key}`;
      content.facts.push(mark);
      marks.push(mark);
    }
  }
  return marks;
}

/** Marks that are on no volume any more. */
export function lost(world: World, marks: readonly string[]): readonly string[] {
  const there = new Set(
    Object.values(world.volumes).flatMap((byGuest) =>
      Object.values(byGuest).flatMap((volumes) =>
        Object.values(volumes).flatMap(({ content }) => content?.facts ?? []),
      ),
    ),
  );
  return marks.filter((mark) => !there.has(mark));
}

/** What people put into our guests by hand: in force, or waiting for the next start. */
export function othersEntries(world: World): readonly string[] {
  const lines = Object.entries(world.files)
    .filter(([path]) => /\/(?:lxc|qemu-server)\/2[034]\d\.conf$/.test(path))
    .flatMap(([path, { text = '' }]) =>
      text
        .split('\n')
        .filter((line) => /mp=\/by-hand|name=eth5|\/dev\/zero|^(?:net7|scsi7|serial1|numa): /.test(line))
        // `pct rescan` writes a size of nothing behind a directory of the node.
        .map((line) => `${path} ${line.replace(',size=0T', '')}`),
    );
  return [...new Set(lines)].toSorted();
}

/** Files of the node that hold a text. */
export function leakedIn(world: World, text: string): readonly string[] {
  return Object.entries(world.files).flatMap(([path, file]) =>
    file.text?.includes(text) === true ? [path] : [],
  );
}
