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
  parseFields(FORMATS['features'] ?? {}, keys.get('features') ?? '');
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
  const root = keys.get('rootfs');
  if (root === undefined) throw new ToolError("missing 'rootfs' configuration");
  parseFields(FORMATS['rootfs'] ?? {}, root);
  const bridges = await session.host.bridges();
  for (const key of [...keys.keys()].filter((name) => /^net\d+$/.test(name)).toSorted(byCode)) {
    checkNic(session, bridges, key, parseFields(FORMATS['net'] ?? {}, keys.get(key) ?? ''));
  }
}

/** Refuses a NIC without a bridge of the host, or with larger packets than the bridge has. */
export function checkNic(
  session: Session,
  bridges: readonly string[],
  key: string,
  fields: ReadonlyMap<string, string>,
): void {
  refuseMissingBridge(session, bridges, fields.get('bridge'));
  const mtu = fields.get('mtu');
  if (Number(mtu ?? 0) <= BRIDGE_MTU) return;
  throw new ToolError(`${key}: MTU size '${mtu}' is bigger than bridge MTU '${BRIDGE_MTU}'`);
}

/** Bridges of the twin have the usual size of packets. */
const BRIDGE_MTU = 1500;

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
export function refuseMissingBridge(
  session: Session,
  bridges: readonly string[],
  bridge: string | undefined,
): void {
  if (bridge !== undefined && bridges.includes(bridge)) return;
  if (bridge === undefined) {
    for (const line of [129, 130]) {
      session.warn(
        `Use of uninitialized value $bridge in concatenation (.) or string at /usr/share/perl5/PVE/Network.pm line ${line}.`,
      );
    }
  }
  session.errno = ENOENT;
  throw new ToolError(`bridge '${bridge ?? ''}' does not exist`);
}
