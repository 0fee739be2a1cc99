import { isSameProperty, parseBoolean, parseProperties, type Properties } from '../property-string.ts';

/**
 * Do two values of a container's key mean the same to Proxmox? Compared as it reads them: tags
 * lower-cased, sorted and without doubles, booleans in every spelling, property strings by part, a
 * feature that is off like one that is absent, notes without the newline that Proxmox adds.
 */
export function isSameValue(key: string, a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  if (key === 'features') return sameFeatures(a ?? '', b ?? '');
  if (key === 'tags') return normalizeTags(a ?? '') === normalizeTags(b ?? '');
  if (key === 'description') return withoutTrailingNewlines(a ?? '') === withoutTrailingNewlines(b ?? '');
  if (ABSENT_IS_OFF.has(key)) return isOn(a) === isOn(b);
  if (a === undefined || b === undefined) return false;
  if (key === 'nameserver' || key === 'searchdomain') return words(a) === words(b);
  if (key === 'startup') return sameProperties(parseProperties(a, 'order'), parseProperties(b, 'order'));
  if (/^(cores|memory|swap|cpulimit|cpuunits)$/.test(key)) return Number(a) === Number(b);
  return false;
}

/** Tags as Proxmox keeps them by default: lower case, sorted, once each, joined by `;` (PVE::GuestHelpers). */
export function normalizeTags(tags: string): string {
  const list = tags
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((tag) => tag !== '');
  return [...new Set(list)].sort().join(';');
}

const ABSENT_IS_OFF: ReadonlySet<string> = new Set(['onboot', 'protection', 'unprivileged', 'template']);

function isOn(value: string | undefined): boolean {
  return value !== undefined && parseBoolean(value) === true;
}

function words(value: string): string {
  return value
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .join(' ');
}

function sameFeatures(a: string, b: string): boolean {
  return sameProperties(featuresOn(a), featuresOn(b));
}

function featuresOn(text: string): Properties {
  return new Map([...parseProperties(text)].filter(([, value]) => parseBoolean(value) !== false));
}

function sameProperties(a: Properties, b: Properties): boolean {
  return a.size === b.size && [...a].every(([key, value]) => isSameProperty(key, value, b.get(key)));
}

function withoutTrailingNewlines(text: string): string {
  return text.replace(/\n+$/, '');
}
