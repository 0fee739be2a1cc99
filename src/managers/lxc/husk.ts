import { entriesOf } from '../guest/entries.ts';
import type { HuskRules } from '../guest/husk.ts';
import { isOurs } from '../guest/input.ts';
import { isBind, parseMount } from './differences/mounts.ts';

/** What a `pct create` or `pct clone` leaves behind that is cut short. */
export const CONTAINER_HUSK: HuskRules = {
  /**
   * Made to its end it has our line, and every key that Proxmox adds last: a worker that was killed
   * before leaves a config without them and without a lock, our line included (PVE::API2::LXC
   * create_vm writes it after the template was unpacked; recording lxc-parallel).
   */
  isDone: ({ folder }, guest) => {
    const { keys } = guest.config.head;
    return isOurs(guest, folder.folderId) && ['hostname', 'memory', 'swap'].every((key) => keys.has(key));
  },
  always: ['arch', 'ostype', 'hostname', 'memory', 'swap', 'rootfs', 'lock', 'cmode', 'unprivileged'],
  countCopied: (keys) => entriesOf(keys, 'mp').filter(([, text]) => !isBind(parseMount(text))).length + 1,
  countAllocated: ({ params }) =>
    Object.entries(params).filter(
      ([key, value]) => /^mp\d+$/.test(key) && typeof value === 'string' && !value.startsWith('/'),
    ).length + 1,
};
