import { FORMATS, type PropertyFormat } from '../call/parameters.ts';
import { parseFields, printFields } from '../call/schema.ts';
import type { Session } from '../call/session.ts';
import { newMac } from '../container/nics.ts';
import { machineSettingOf } from './config-lines.ts';

/** Reads a VM's NIC (`virtio=MAC,bridge=vmbr0`): its model and MAC stand under `model` and `macaddr`. */
export function parseMachineNic(text: string): Map<string, string> {
  return parseFields(format(), text);
}

/** Reads a NIC; it gets a MAC of its own where it has none, or in any case where it must be `fresh`. */
export async function completeMachineNic(
  session: Session,
  text: string,
  fresh = false,
): Promise<Map<string, string>> {
  const fields = parseMachineNic(text);
  if (fresh || !fields.get('macaddr')) fields.set('macaddr', await newMac(session));
  return fields;
}

/** Prints a NIC as Proxmox writes it: the model is the name of its MAC. */
export function printMachineNic(fields: ReadonlyMap<string, string>): string {
  const rest = new Map(fields);
  const [model, mac] = [fields.get('model') ?? '', fields.get('macaddr')];
  rest.delete('model');
  rest.delete('macaddr');
  const others = printFields(format(), rest);
  return `${mac === undefined ? model : `${model}=${mac}`}${others === '' ? '' : `,${others}`}`;
}

function format(): PropertyFormat {
  const found = machineSettingOf('net0')?.format;
  return typeof found === 'object' ? (FORMATS[found.properties] ?? {}) : {};
}
