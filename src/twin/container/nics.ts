import { FORMATS } from '../call/parameters.ts';
import { parseFields, printFields } from '../call/schema.ts';
import type { Session } from '../call/session.ts';

/** Reads a NIC; it gets a type, and a MAC of its own where it has none. */
export async function completeNic(session: Session, text: string): Promise<Map<string, string>> {
  const fields = parseFields(FORMATS['net'] ?? {}, text);
  fields.set('type', 'veth');
  if (!fields.get('hwaddr')) fields.set('hwaddr', await newMac(session));
  return fields;
}

/** Prints a NIC as Proxmox writes it. */
export function printNic(fields: ReadonlyMap<string, string>): string {
  return printFields(FORMATS['net'] ?? {}, fields);
}

/** A random unicast MAC, beginning with the datacenter's prefix (`BC:24:11` unless set). */
export async function newMac(session: Session): Promise<string> {
  const text = (await session.host.files.read('/etc/pve/datacenter.cfg')) ?? '';
  const prefix = /^mac_prefix:\s*(\S+)\s*$/m.exec(text)?.[1]?.toUpperCase().replace(/:$/, '') ?? 'BC:24:11';
  const bytes = prefix.split(':');
  while (bytes.length < 6) {
    bytes.push(
      Math.floor(session.host.random() * 256)
        .toString(16)
        .toUpperCase()
        .padStart(2, '0'),
    );
  }
  return bytes.join(':');
}
