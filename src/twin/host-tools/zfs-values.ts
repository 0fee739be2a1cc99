/** What a property is where nobody set it, as `zfs get -p` prints it. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  atime: 'on',
  canmount: 'on',
  checksum: 'on',
  compression: 'on',
  copies: '1',
  dedup: 'off',
  exec: 'on',
  logbias: 'latency',
  primarycache: 'all',
  quota: '0',
  recordsize: '131072',
  refquota: '0',
  refreservation: '0',
  relatime: 'on',
  reservation: '0',
  setuid: 'on',
  snapdir: 'hidden',
  special_small_blocks: '0',
  sync: 'standard',
  xattr: 'on',
  acltype: 'off',
};

/** Properties that a dataset does not pass on to those below it. */
export const NOT_INHERITED = new Set(['quota', 'refquota', 'reservation', 'refreservation', 'canmount']);

/** A value as a person gives it, as ZFS keeps it: sizes in bytes; undefined for one that it does not take. */
export function keptValue(property: string, value: string): string | undefined {
  if (property === 'mountpoint' || property.includes(':')) return value;
  if (!Object.hasOwn(DEFAULTS, property)) return undefined;
  if (!/^\d+$/.test(DEFAULTS[property] ?? '')) return value;
  if (value === 'none') return '0';
  const match = /^(\d+(?:\.\d+)?)([KMGTP])?$/i.exec(value);
  if (!match?.[1]) return undefined;
  const power = ['', 'K', 'M', 'G', 'T', 'P'].indexOf((match[2] ?? '').toUpperCase());
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  if (property === 'recordsize' && (bytes < 512 || !Number.isInteger(Math.log2(bytes)))) return undefined;
  return String(bytes);
}
