import { createHash } from 'node:crypto';
import type { ConfigSection } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';
import { parseGuestConfig, printGuestConfig } from '../../pve/guest-config.ts';
import { ToolError } from '../call/errors.ts';
import { withLock, type Session } from '../call/session.ts';
import { checkConfigLines } from './config-lines.ts';
import { isMounted } from './volumes.ts';

/** A section that a tool works on: its keys, notes among them under `description`, and raw lines. */
export type Section = { keys: Map<string, string>; raw: (readonly [string, string])[] };

/** A container's configuration as a tool holds it between reading and writing. */
export type Config = {
  head: Section;
  pending: Section;
  snapshots: Map<string, Section>;
  /** SHA-1 of the text that was read. */
  digest: string;
};

/** Where a container's configuration stands, as the tools name it. */
export function configName(session: Session, vmid: GuestId): string {
  return `nodes/${session.host.nodeName}/lxc/${vmid}.conf`;
}

/** Reads a container's configuration; refuses where there is none. Odd lines are complained about. */
export async function loadConfig(session: Session, vmid: GuestId): Promise<Config> {
  const config = await findConfig(session, vmid);
  if (config !== undefined) return config;
  session.errno = ENOENT;
  throw new ToolError(`Configuration file '${configName(session, vmid)}' does not exist`);
}

/** Reads a container's configuration; undefined where there is none. */
export async function findConfig(session: Session, vmid: GuestId): Promise<Config | undefined> {
  const name = configName(session, vmid);
  const text = await session.host.files.read(`/etc/pve/${name}`);
  if (text === undefined) return undefined;
  const { complaints, accepted } = checkConfigLines(text, vmid);
  if (session.seen.get(name) !== text) {
    session.seen.set(name, text);
    for (const complaint of complaints) session.warn(complaint);
  }
  const parsed = parseGuestConfig(accepted, 'lxc');
  return {
    head: toSection(parsed.head),
    pending: toSection(parsed.pending),
    snapshots: new Map([...parsed.snapshots].map(([key, section]) => [key, toSection(section)])),
    digest: createHash('sha1').update(text).digest('hex'),
  };
}

/** Writes a container's configuration whole. Entries `unusedN` of volumes that are in use again go. */
export async function writeConfig(session: Session, vmid: GuestId, config: Config): Promise<void> {
  config.head.keys.delete('snapstate');
  for (const [key, value] of config.head.keys) {
    if (key.startsWith('unused') && isMounted(config.head, value)) config.head.keys.delete(key);
  }
  const text = printGuestConfig(
    {
      head: fromSection(config.head),
      pending: fromSection(config.pending),
      snapshots: new Map([...config.snapshots].map(([key, section]) => [key, fromSection(section)])),
    },
    'lxc',
  );
  await session.host.files.write(`/etc/pve/${configName(session, vmid)}`, text, 0o640);
}

/** Removes a container's configuration file. */
export async function destroyConfig(session: Session, vmid: GuestId): Promise<void> {
  await session.host.files.remove(`/etc/pve/${configName(session, vmid)}`);
}

/** Runs code under the file lock of a container's configuration; 10 seconds unless told. */
export async function lockConfig<T>(
  session: Session,
  vmid: GuestId,
  code: () => Promise<T>,
  timeoutMs = 10_000,
): Promise<T> {
  return withLock(session, `/run/lock/lxc/pve-config-${vmid}.lock`, timeoutMs, code);
}

/** A configuration without anything in it. */
export function emptyConfig(): Config {
  return { head: emptySection(), pending: emptySection(), snapshots: new Map(), digest: '' };
}

export function emptySection(): Section {
  return { keys: new Map(), raw: [] };
}

/** No such file or directory. */
export const ENOENT = 2;

function toSection(section: ConfigSection | undefined): Section {
  if (section === undefined) return emptySection();
  const keys = new Map(section.keys);
  if (section.description !== undefined) keys.set('description', section.description);
  return { keys, raw: [...section.raw] };
}

function fromSection(section: Section): ConfigSection {
  const keys = new Map(section.keys);
  const notes = keys.get('description');
  // Notes of a lone 0 are none to Perl.
  const description = notes === '0' ? undefined : notes?.replace(/\n+$/, '');
  keys.delete('description');
  for (const [key, value] of keys) {
    if (value.includes('\n')) throw new ToolError(`detected invalid newline inside property '${key}'`);
  }
  return { ...(description !== undefined && description !== '' && { description }), keys, raw: section.raw };
}
