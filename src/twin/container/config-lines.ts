import type { GuestId } from '../../model/target.ts';
import { checkFormat } from '../call/formats.ts';
import { readBoolean } from '../call/lists.ts';
import { findParameter, FORMATS, shapeOf, type Parameter } from '../call/parameters.ts';
import { FormatError } from '../call/errors.ts';
import { parseFields } from '../call/schema.ts';
import { judgeRawKey } from './raw-keys.ts';

/**
 * Goes through a container's config file as Proxmox does when it reads one: complains about lines
 * that are no setting (they are dropped) and values of the wrong type (they are kept), and puts
 * booleans and integers into their plain form.
 */
export function checkConfigLines(text: string, vmid: GuestId): { complaints: string[]; accepted: string } {
  const complaints: string[] = [];
  const accepted: string[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const header = /^\[([a-z][a-z0-9_-]+|pve:pending)\]\s*$/i.exec(line);
    const raw = /^(lxc\.[a-z0-9_\-.]+)(?::|\s*=)\s*.*$/.exec(line);
    const setting = /^([a-z][a-z_]*\d*):\s*(.+?)\s*$/.exec(line);
    if (header?.[1] !== undefined) {
      section = header[1].toLowerCase();
      accepted.push(section === 'pve:pending' ? '[pve:pending]' : line);
    } else if (/^\s*$/.test(line) || line.startsWith('#') || line.startsWith('description:')) {
      accepted.push(line);
    } else if (raw?.[1] !== undefined) {
      const verdict = judgeRawKey(raw[1]);
      if (verdict.complaint !== undefined) complaints.push(`vm ${vmid} - ${raw[1]}${verdict.complaint}`);
      else if (!verdict.isKept) complaints.push(`vm ${vmid} - unable to parse config: ${line}`);
      if (verdict.isKept) accepted.push(line);
    } else if (setting?.[1] === 'delete' && section === 'pve:pending') {
      accepted.push(line);
    } else if (setting?.[1] === 'delete') {
      complaints.push(`vm ${vmid} - property 'delete' is only allowed in [pve:pending]`);
    } else if (setting?.[1] !== undefined && setting[2] !== undefined) {
      accepted.push(`${setting[1]}: ${checkSetting(setting[1], setting[2], vmid, complaints)}`);
    } else {
      complaints.push(`vm ${vmid} - unable to parse config: ${line}`);
    }
  }
  return { complaints, accepted: accepted.join('\n') };
}

/** The definition of a container's setting; undefined for a key that containers do not have. */
export function settingOf(key: string): Parameter | undefined {
  const own = OWN[key];
  if (own !== undefined) return own;
  const shape = shapeOf('pct set');
  if (shape === undefined || NOT_SETTINGS.has(key)) return undefined;
  return findParameter(shape, key);
}

const NOT_SETTINGS = new Set(['vmid', 'digest', 'delete', 'revert', 'node']);
const OWN: Readonly<Record<string, Parameter>> = {
  parent: { format: 'pve-configid', maxLength: 40 },
  snaptime: { type: 'integer', minimum: 0 },
  snapstate: {},
};

function checkSetting(key: string, value: string, vmid: GuestId, complaints: string[]): string {
  const complain = (reason: string): string => {
    complaints.push(`vm ${vmid} - unable to parse value of '${key}' - ${reason}`);
    return value;
  };
  const setting = settingOf(key);
  if (setting === undefined) return complain(`unknown setting '${key}'`);
  const refused = `type check ('${setting.type}') failed - got '${value}'`;
  if (setting.type === 'boolean') {
    const parsed = readBoolean(value);
    return parsed === undefined ? complain(refused) : parsed ? '1' : '0';
  }
  if (setting.type === 'integer') return /^\d+$/.test(value) ? String(Number(value)) : complain(refused);
  if (setting.type === 'number') return /^\d+(\.\d+)?$/.test(value) ? value : complain(refused);
  if (typeof setting.format === 'string') {
    const complaint = checkFormat(setting.format, value);
    return complaint === undefined ? value : complain(complaint);
  }
  if (setting.format !== undefined) {
    try {
      parseFields(FORMATS[setting.format.properties] ?? {}, value);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return complain(error.message);
    }
  }
  return value;
}
