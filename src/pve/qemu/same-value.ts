import { parseBoolean, parseProperties, printProperties, type Properties } from '../property-string.ts';
import { isSameGuestValue, isSameProperties } from '../same-value.ts';
import { readBootOrder } from './drives.ts';

/**
 * Do two values of a VM's key mean the same to Proxmox? Compared as it reads them: property strings by
 * part, an order of boot by its devices; a key that is absent has its default.
 */
export function isSameMachineValue(key: string, a: string | undefined, b: string | undefined): boolean {
  const known = isSameGuestValue(key, a, b);
  if (known !== undefined) return known;
  const [left, right] = [a ?? DEFAULTS.get(key), b ?? DEFAULTS.get(key)];
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  if (key === 'boot') return isSameOrder(left, right);
  const defaultPart = DEFAULT_PARTS.get(key);
  if (defaultPart === undefined) return false;
  return isSameProperties(partsOf(left, defaultPart), partsOf(right, defaultPart));
}

/**
 * A key's value with these parts laid over it: what the folder doesn't say of `cpu` or `agent` stays.
 * The part that a value without a name stands for comes first.
 */
export function layOver(key: string, current: string | undefined, parts: Properties): string {
  const defaultPart = DEFAULT_PARTS.get(key);
  return printProperties(new Map([...parseProperties(current ?? '', defaultPart), ...parts]), defaultPart);
}

/** The parts of a key's value; one without a name stands under what Proxmox takes it for. */
export function partsOfKey(key: string, text: string | undefined): Properties {
  return parseProperties(text ?? '', DEFAULT_PARTS.get(key));
}

/** The part that a value without a name stands for, by key. */
const DEFAULT_PARTS: ReadonlyMap<string, string> = new Map([
  ['agent', 'enabled'],
  ['cpu', 'cputype'],
  ['machine', 'type'],
  ['vga', 'type'],
  ['memory', 'current'],
]);

/** What Proxmox takes for a key that a VM's configuration does not have (PVE::QemuServer). */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['agent', '0'],
  ['bios', 'seabios'],
  ['cores', '1'],
  ['cpu', 'kvm64'],
  ['machine', 'pc'],
  ['memory', '512'],
  ['ostype', 'other'],
  ['scsihw', 'lsi'],
  ['sockets', '1'],
  ['vga', 'std'],
]);

/** What is off is like what is absent, but for the part that a key is about. */
function partsOf(text: string, defaultPart: string): Properties {
  const parts = [...parseProperties(text, defaultPart)];
  return new Map(parts.filter(([part, value]) => part === defaultPart || parseBoolean(value) !== false));
}

function isSameOrder(a: string, b: string): boolean {
  const [left, right] = [readBootOrder(a), readBootOrder(b)];
  // The older form (`cdn`) names kinds, not devices.
  if (left.length === 0 || right.length === 0) return isEmptyOrder(a) && isEmptyOrder(b);
  return left.join(';') === right.join(';');
}

function isEmptyOrder(text: string): boolean {
  return /^(?:order=)?\s*$/.test(text);
}
