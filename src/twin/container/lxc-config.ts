import type { GuestId } from '../../model/target.ts';
import { byCode } from '../call/lists.ts';
import { ToolError } from '../call/errors.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';
import type { Session } from '../call/session.ts';
import { ENOENT, type Section } from './config.ts';

/**
 * What Proxmox goes through when it writes a container's LXC configuration, after each change and
 * before each start: it refuses what LXC could not be told, when the change is written already.
 */
export async function refreshLxcConfig(session: Session, _vmid: GuestId, section: Section): Promise<void> {
  const { keys } = section;
  if (keys.get('template') === '1') return;
  for (const key of ['arch', 'ostype']) {
    if (!keys.get(key)) {
      throw new ToolError(`missing '${key}' - internal error at /usr/share/perl5/PVE/LXC.pm line 600.`);
    }
  }
  for (const key of [...keys.keys()].filter((name) => /^dev\d+$/.test(name)).toSorted(byCode)) {
    const path = parseFields(FORMATS['dev'] ?? {}, keys.get(key) ?? '').get('path');
    if (path === undefined) throw new ToolError(`Path is not defined for passthrough device ${key}`);
    await refuseMissingDevice(session, path);
  }
  for (const key of ['memory', 'swap']) {
    const value = keys.get(key);
    if (value !== undefined && !/^\s*-?[\d.]+/.test(value)) {
      session.warn(
        `Argument "${value}" isn't numeric in multiplication (*) at /usr/share/perl5/PVE/LXC.pm line 700.`,
      );
    }
  }
  if (!keys.has('rootfs')) throw new ToolError("missing 'rootfs' configuration");
  const bridges = await session.host.bridges();
  for (const key of [...keys.keys()].filter((name) => /^net\d+$/.test(name)).toSorted(byCode)) {
    const bridge = parseFields(FORMATS['net'] ?? {}, keys.get(key) ?? '').get('bridge') ?? '';
    refuseMissingBridge(session, bridges, bridge);
  }
}

/** Refuses a path that is no device of the host. */
export async function refuseMissingDevice(session: Session, path: string): Promise<void> {
  const stat = await session.host.files.stat(path);
  if (stat === undefined) {
    session.errno = ENOENT;
    throw new ToolError(`Device ${path} does not exist`);
  }
  if (stat.type !== 'character' && stat.type !== 'block') throw new ToolError(`${path} is not a device`);
}

/** Refuses a bridge that the host does not have. */
export function refuseMissingBridge(session: Session, bridges: readonly string[], bridge: string): void {
  if (bridges.includes(bridge)) return;
  session.errno = ENOENT;
  throw new ToolError(`bridge '${bridge}' does not exist`);
}
