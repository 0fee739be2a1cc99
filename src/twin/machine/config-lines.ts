import type { GuestId } from '../../model/target.ts';
import { FormatError } from '../call/errors.ts';
import { checkFormat } from '../call/formats.ts';
import { readBoolean } from '../call/lists.ts';
import { findParameter, FORMATS, shapeOf, type Parameter } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';

/**
 * Goes through a VM's config file as Proxmox does when it reads one: lines that are no setting, and
 * values of the wrong type, are complained about and dropped; booleans and integers get their plain form.
 */
export function checkMachineLines(text: string, vmid: GuestId): { complaints: string[]; accepted: string } {
  const complaints: string[] = [];
  const accepted: string[] = [];
  let section: string | undefined = '';
  for (const line of text.split('\n')) {
    const header = /^\[([^\]]*)\]\s*$/.exec(line);
    if (header?.[1] !== undefined) {
      section = nameOf(header[1]);
      if (section === undefined) complaints.push(`vm ${vmid} - skipping unknown section: '${header[1]}'`);
      else accepted.push(`[${section}]`);
    } else if (section === undefined || /^\s*$/.test(line)) continue;
    else if (line.startsWith('#') || line.startsWith('description:')) accepted.push(line);
    else accepted.push(...checkLine(line, section, vmid, complaints));
  }
  return { complaints, accepted: accepted.join('\n') };
}

/** The definition of a VM's setting; undefined for a key that VMs do not have. */
export function machineSettingOf(key: string): Parameter | undefined {
  if (Object.hasOwn(OWN, key)) return OWN[key];
  const shape = shapeOf('qm set');
  return shape === undefined || NOT_SETTINGS.has(key) ? undefined : findParameter(shape, key);
}

const NOT_SETTINGS = new Set(['vmid', 'digest', 'delete', 'revert', 'force', 'skiplock', 'cdrom']);

/** Settings that only Proxmox itself writes. */
const OWN: Readonly<Record<string, Parameter>> = {
  parent: { format: 'pve-configid', maxLength: 40 },
  snaptime: { type: 'integer', minimum: 0 },
  snapstate: {},
  vmstate: {},
  meta: {},
  runningmachine: {},
  runningcpu: {},
};

function nameOf(header: string): string | undefined {
  if (/^pending$/i.test(header)) return 'PENDING';
  if (/^special:(cloudinit|fleecing)$/i.test(header)) return header.toLowerCase();
  return /^[a-z][a-z0-9_-]+$/i.test(header) ? header : undefined;
}

function checkLine(line: string, section: string, vmid: GuestId, complaints: string[]): string[] {
  const setting = /^([a-z][a-z_-]*\d*):\s*(.+?)\s*$/.exec(line);
  const [key, value] = [setting?.[1], setting?.[2]];
  if (key === undefined || value === undefined) {
    complaints.push(`vm ${vmid} - unable to parse config: ${line}`);
    return [];
  }
  if (key === 'delete' && section !== 'PENDING') {
    complaints.push(`vm ${vmid} - property 'delete' is only allowed in [PENDING]`);
    return [];
  }
  if (key === 'delete' || section.startsWith('special:')) return [line];
  try {
    // An empty value is read as a blank.
    return [`${key === 'cdrom' ? 'ide2' : key}: ${plainForm(key, value)}`];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complaints.push(`vm ${vmid} - unable to parse value of '${key}' - ${error.message}`);
    return [];
  }
}

class Refusal extends Error {}

function plainForm(key: string, value: string): string {
  const setting = key === 'cdrom' ? machineSettingOf('ide2') : machineSettingOf(key);
  if (setting === undefined) throw new Refusal(`unknown setting '${key}'`);
  const refused = `type check ('${setting.type}') failed - got '${value}'`;
  if (setting.type === 'boolean') {
    const parsed = readBoolean(value);
    if (parsed === undefined) throw new Refusal(refused);
    return parsed ? '1' : '0';
  }
  if (setting.type === 'integer') {
    if (!/^\d+$/.test(value)) throw new Refusal(refused);
    return String(Number(value));
  }
  if (setting.type === 'number' && !/^\d+(\.\d+)?$/.test(value)) throw new Refusal(refused);
  if (typeof setting.format === 'string') {
    const complaint = checkFormat(setting.format, value);
    if (complaint !== undefined) throw new Refusal(complaint);
  } else if (setting.format !== undefined) {
    try {
      parseFields(FORMATS[setting.format.properties] ?? {}, value);
    } catch (error) {
      throw error instanceof FormatError ? new Refusal(error.message) : error;
    }
  }
  return value;
}
