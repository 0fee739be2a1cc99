import type { ConfigSection, GuestConfig } from '../model/observation.ts';
import type { GuestKind } from '../model/target.ts';

/**
 * Reads a guest's config file as `PVE::LXC::Config` and `PVE::QemuServer` do: a head section, then
 * `[pve:pending]` (containers) or `[PENDING]` (VMs), then one section a snapshot. A line that is
 * neither a setting, a comment nor a section header lands in `invalid`; Proxmox drops such a line
 * at its next write. A key given twice keeps its last value, as Proxmox does.
 */
export function parseGuestConfig(text: string, kind: GuestKind): GuestConfig {
  const sections = new Map<string, MutableSection>();
  const head = emptySection();
  const invalid: string[] = [];
  let section = head;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const header = /^\[(.+)\]\s*$/.exec(line);
    if (header?.[1] !== undefined) {
      section = emptySection();
      sections.set(header[1], section);
    } else if (line.startsWith('#')) {
      section.notes = (section.notes ?? '') + decodeNotes(line.slice(1)) + '\n';
    } else if (!readSetting(line, kind, section)) {
      invalid.push(line);
    }
  }
  const pending = sections.get(PENDING[kind]);
  sections.delete(PENDING[kind]);
  const cloudInit = sections.get(CLOUD_INIT);
  sections.delete(CLOUD_INIT);
  return {
    head: freeze(head),
    ...(pending && { pending: freeze(pending) }),
    ...(cloudInit && { cloudInit: freeze(cloudInit) }),
    snapshots: new Map([...sections].map(([name, found]) => [name, freeze(found)])),
    ...(invalid.length > 0 && { invalid }),
  };
}

/**
 * Prints a guest's config file byte for byte as Proxmox writes it: notes, keys in alphabetical
 * order, raw lines in theirs; then pending changes, then the snapshots by name. Empty sections of
 * pending changes are left out; `invalid` lines are dropped.
 */
export function printGuestConfig(config: GuestConfig, kind: GuestKind): string {
  let text = printSection(config.head);
  if (config.pending && !isEmptySection(config.pending)) {
    text += `\n[${PENDING[kind]}]\n${printSection(config.pending)}`;
  }
  if (config.cloudInit && !isEmptySection(config.cloudInit)) {
    text += `\n[${CLOUD_INIT}]\n${printSection(config.cloudInit)}`;
  }
  for (const name of [...config.snapshots.keys()].toSorted(byCode)) {
    text += `\n[${name}]\n${printSection(config.snapshots.get(name) ?? emptySection())}`;
  }
  return text;
}

/** Notes as a config file holds them: control characters, `:`, `%` and all beyond ASCII as `%XX` of their UTF-8. */
export function encodeNotes(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text)) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x25 && byte !== 0x3a;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The text of encoded notes; a `%` that starts no escape stays as it is. */
export function decodeNotes(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  const bytes: number[] = [];
  const source = new TextEncoder().encode(encoded);
  for (let index = 0; index < source.length; index++) {
    const hex = source[index] === 0x25 ? encodedByte(source, index) : undefined;
    if (hex === undefined) bytes.push(source[index] ?? 0);
    else {
      bytes.push(hex);
      index += 2;
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const PENDING: Record<GuestKind, string> = { lxc: 'pve:pending', vm: 'PENDING' };
const CLOUD_INIT = 'special:cloudinit';

type MutableSection = {
  notes: string | undefined;
  keys: Map<string, string>;
  raw: [string, string][];
};

function emptySection(): MutableSection & ConfigSection {
  return { notes: undefined, keys: new Map(), raw: [] };
}

function readSetting(line: string, kind: GuestKind, section: MutableSection): boolean {
  if (kind === 'lxc') {
    const raw = /^(lxc\.[a-zA-Z0-9_\-.]+)(?:\s*[:=]\s*)(.*?)\s*$/.exec(line);
    if (raw?.[1] !== undefined && raw[2] !== undefined) {
      section.raw.push([raw[1], raw[2]]);
      return true;
    }
  }
  const setting = /^([a-z][a-z_-]*\d*): ?(\s*|\s*(\S.*?)\s*)$/.exec(line);
  if (setting?.[1] === undefined || setting[2] === undefined) return false;
  const value = setting[3] ?? setting[2];
  if (setting[1] === 'description') section.notes = (section.notes ?? '') + decodeNotes(value);
  else section.keys.set(setting[1], value);
  return true;
}

function freeze(section: MutableSection): ConfigSection {
  const { notes, keys, raw } = section;
  return { ...(notes !== undefined && { description: notes }), keys, raw };
}

function isEmptySection(section: ConfigSection): boolean {
  return section.keys.size === 0 && section.raw.length === 0 && section.description === undefined;
}

function printSection(section: ConfigSection): string {
  let text = '';
  if (section.description !== undefined) {
    const lines = section.description.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) text += `#${encodeNotes(line)}\n`;
  }
  for (const key of [...section.keys.keys()].toSorted(byCode)) {
    text += `${key}: ${section.keys.get(key)}\n`;
  }
  for (const [key, value] of section.raw) text += `${key}: ${value}\n`;
  return text;
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encodedByte(source: Uint8Array, index: number): number | undefined {
  const digits = String.fromCharCode(source[index + 1] ?? 0, source[index + 2] ?? 0);
  return /^[0-9a-fA-F]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
