import { createHash } from 'node:crypto';
import type { ConfigSection } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';
import { parseGuestConfig, printGuestConfig } from '../../pve/guest-config.ts';
import { ToolError } from '../call/errors.ts';
import { withLock, type Session } from '../call/session.ts';
import { emptySection, ENOENT, type Section } from '../container/config.ts';
import { checkMachineLines } from './config-lines.ts';
import { drivesOf, hasCloudInit } from './drives.ts';

/** A VM's configuration as a tool holds it between reading and writing. */
export type MachineConfig = {
  head: Section;
  pending: Section;
  /** What the Cloud-Init drive was made from where it differs by now: `[special:cloudinit]`. */
  cloudInit: Section;
  snapshots: Map<string, Section>;
  /** SHA-1 of the text that was read. */
  digest: string;
};

/** Where a VM's configuration stands, as the tools name it. */
export function machineConfigName(session: Session, vmid: GuestId): string {
  return `nodes/${session.host.nodeName}/qemu-server/${vmid}.conf`;
}

/** Reads a VM's configuration; refuses where there is none. */
export async function loadMachine(session: Session, vmid: GuestId): Promise<MachineConfig> {
  const config = await findMachine(session, vmid);
  if (config !== undefined) return config;
  session.errno = ENOENT;
  throw new ToolError(`Configuration file '${machineConfigName(session, vmid)}' does not exist`);
}

/** Reads a VM's configuration; undefined where there is none. Odd lines are complained about. */
export async function findMachine(session: Session, vmid: GuestId): Promise<MachineConfig | undefined> {
  const name = machineConfigName(session, vmid);
  const text = await session.host.files.read(`/etc/pve/${name}`);
  if (text === undefined) return undefined;
  const { complaints, accepted } = checkMachineLines(text, vmid);
  if (session.seen.get(name) !== text) {
    session.seen.set(name, text);
    for (const complaint of complaints) session.warn(complaint);
  }
  const parsed = parseGuestConfig(accepted, 'vm');
  return {
    head: toSection(parsed.head),
    pending: toSection(parsed.pending),
    cloudInit: toSection(parsed.cloudInit),
    snapshots: new Map([...parsed.snapshots].map(([key, section]) => [key, toSection(section)])),
    digest: createHash('sha1').update(text).digest('hex'),
  };
}

/** Writes a VM's configuration whole. Entries `unusedN` of volumes that are in use again go. */
export async function writeMachine(session: Session, vmid: GuestId, config: MachineConfig): Promise<void> {
  const { head, pending, cloudInit, snapshots } = config;
  head.keys.delete('snapstate');
  const used = new Set([...drivesOf(head), ...drivesOf(pending)].map((drive) => drive.file));
  for (const [key, value] of head.keys) {
    if (key.startsWith('unused') && used.has(value)) head.keys.delete(key);
  }
  const text = printGuestConfig(
    {
      head: fromSection(head),
      pending: fromSection(pending),
      ...(hasCloudInit(head) && { cloudInit: fromSection(cloudInit) }),
      snapshots: new Map([...snapshots].map(([key, section]) => [key, fromSection(section)])),
    },
    'vm',
  );
  await session.host.files.write(`/etc/pve/${machineConfigName(session, vmid)}`, text, 0o640);
}

/** Removes a VM's configuration file. */
export async function destroyMachineConfig(session: Session, vmid: GuestId): Promise<void> {
  await session.host.files.remove(`/etc/pve/${machineConfigName(session, vmid)}`);
}

/** Runs code under the file lock of a VM's configuration, exclusive and for 10 seconds unless told. */
export async function lockMachine<T>(
  session: Session,
  vmid: GuestId,
  code: () => Promise<T>,
  timeoutMs = 10_000,
  isShared = false,
): Promise<T> {
  return withLock(session, `/var/lock/qemu-server/lock-${vmid}.conf`, timeoutMs, code, isShared);
}

/** A configuration without anything in it. */
export function emptyMachine(): MachineConfig {
  return {
    head: emptySection(),
    pending: emptySection(),
    cloudInit: emptySection(),
    snapshots: new Map(),
    digest: '',
  };
}

export function isTemplate(config: MachineConfig): boolean {
  return config.head.keys.get('template') === '1';
}

function toSection(section: ConfigSection | undefined): Section {
  if (section === undefined) return emptySection();
  const keys = new Map([...section.keys].map(([key, value]) => [key, value.trim() === '' ? ' ' : value]));
  if (section.description !== undefined) keys.set('description', section.description.replace(/\s+$/, ''));
  return { keys, raw: [] };
}

function fromSection(section: Section): ConfigSection {
  const keys = new Map(section.keys);
  const description = keys.get('description');
  keys.delete('description');
  return { ...(description !== undefined && description !== '' && { description }), keys, raw: [] };
}
