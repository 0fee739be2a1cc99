import { parseBoolean, parseProperties, type Properties } from '../property-string.ts';
import { isSameGuestValue, isSameProperties } from '../same-value.ts';

/**
 * Do two values of a container's key mean the same to Proxmox? Compared as it reads them: booleans in
 * every spelling, property strings by part, a feature that is off like one that is absent, numbers as
 * numbers; what VMs have too as `isSameGuestValue` says.
 */
export function isSameValue(key: string, a: string | undefined, b: string | undefined): boolean {
  const known = isSameGuestValue(key, a, b);
  if (known !== undefined) return known;
  if (key === 'features') return isSameProperties(featuresOn(a ?? ''), featuresOn(b ?? ''));
  if (a === undefined || b === undefined) return false;
  if (key === 'nameserver' || key === 'searchdomain') return words(a) === words(b);
  if (/^(cores|memory|swap|cpulimit|cpuunits)$/.test(key)) return Number(a) === Number(b);
  return false;
}

function words(value: string): string {
  return value
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .join(' ');
}

function featuresOn(text: string): Properties {
  return new Map([...parseProperties(text)].filter(([, value]) => parseBoolean(value) !== false));
}
