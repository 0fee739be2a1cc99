import { isSameProperty, parseBoolean, parseProperties, type Properties } from './property-string.ts';

/**
 * Do two values of a key that containers and VMs have alike mean the same to Proxmox? Undefined: it is
 * no such key. Tags are compared lower-cased, sorted and without doubles, notes without the newline
 * that Proxmox adds, flags with absent as off.
 */
export function isSameGuestValue(
  key: string,
  a: string | undefined,
  b: string | undefined,
): boolean | undefined {
  if (a === b) return true;
  if (key === 'tags') return normalizeTags(a ?? '') === normalizeTags(b ?? '');
  if (key === 'description') return withoutTrailingNewlines(a ?? '') === withoutTrailingNewlines(b ?? '');
  if (ABSENT_IS_OFF.has(key)) return isOn(a) === isOn(b);
  if (key === 'startup') return isSameText(a, b, 'order');
  return undefined;
}

/** Tags as Proxmox keeps them by default: lower case, sorted, once each, joined by `;` (PVE::GuestHelpers). */
export function normalizeTags(tags: string): string {
  const list = tags
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((tag) => tag !== '');
  return [...new Set(list)].sort().join(';');
}

/** Have two property strings the same parts, in whatever order? */
export function isSameProperties(a: Properties, b: Properties): boolean {
  return a.size === b.size && [...a].every(([key, value]) => isSameProperty(key, value, b.get(key)));
}

function isSameText(a: string | undefined, b: string | undefined, defaultKey: string): boolean {
  if (a === undefined || b === undefined) return false;
  return isSameProperties(parseProperties(a, defaultKey), parseProperties(b, defaultKey));
}

const ABSENT_IS_OFF: ReadonlySet<string> = new Set(['onboot', 'protection', 'unprivileged', 'template']);

function isOn(value: string | undefined): boolean {
  return value !== undefined && parseBoolean(value) === true;
}

function withoutTrailingNewlines(text: string): string {
  return text.replace(/\n+$/, '');
}
