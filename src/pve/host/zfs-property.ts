/**
 * Is a property's value as a person writes it (`128K`, `none`, `on`) the one that `zfs get -p` printed
 * (`131072`, `0`, `on`)? A property that was not printed is another.
 */
export function sameProperty(name: string, wanted: string, found: string | undefined): boolean {
  if (found === undefined) return false;
  if (wanted === found) return true;
  if (!NUMBERS.has(name)) return normal(wanted) === normal(found);
  const bytes = bytesOf(wanted);
  return bytes !== undefined && bytes === bytesOf(found);
}

/** Properties that are sizes or counts; `none` is nothing. */
const NUMBERS: ReadonlySet<string> = new Set([
  'copies',
  'filesystem_limit',
  'quota',
  'recordsize',
  'refquota',
  'refreservation',
  'reservation',
  'snapshot_limit',
  'special_small_blocks',
  'volblocksize',
  'volsize',
]);

const UNITS = 'BKMGTPEZ';

function bytesOf(text: string): bigint | undefined {
  // Limits of counts have no end where there is none, sizes are 0.
  if (text === 'none' || text === '-' || text === '18446744073709551615') return 0n;
  const match = /^(\d+)(?:\.(\d+))?([BKMGTPEZ])?(?:i?B)?$/i.exec(text);
  if (!match?.[1]) return undefined;
  const power = BigInt(Math.max(0, UNITS.indexOf((match[3] ?? 'B').toUpperCase())));
  const fraction = match[2] ?? '';
  const scaled = BigInt(match[1] + fraction) * 1024n ** power;
  return scaled / 10n ** BigInt(fraction.length);
}

function normal(text: string): string {
  const lower = text.toLowerCase();
  return /^(?:on|off|none|yes|no)$/.test(lower) ? lower : text.replace(/(.)\/$/, '$1');
}
