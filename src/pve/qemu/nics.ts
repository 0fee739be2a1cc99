import { parseProperties, type Properties } from '../property-string.ts';

/**
 * The parts of a VM's `netN`, which has its model for a name of its address
 * (`virtio=52:54:00:AA:CC:01,bridge=vmbr0`): they stand under `model` and `macaddr`.
 */
export function parseNic(text: string): Properties {
  const parts = new Map<string, string>();
  for (const [name, value] of parseProperties(text, 'model')) {
    if (MODELS.has(name)) parts.set('model', name).set('macaddr', value);
    else parts.set(name, value);
  }
  return parts;
}

/** The address of a VM's NIC; undefined where its text has none. */
export function macOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : parseNic(text).get('macaddr');
}

/** Cards that QEMU can be (PVE::QemuServer::Network). */
const MODELS: ReadonlySet<string> = new Set([
  'e1000',
  'e1000-82540em',
  'e1000-82544gc',
  'e1000-82545em',
  'e1000e',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
  'rtl8139',
  'virtio',
  'vmxnet3',
]);
