/** An IPv4 address as an unsigned 32-bit number. */
export function addressNumber(address: string): number {
  return address.split('.').reduce((number, octet) => ((number << 8) | Number(octet)) >>> 0, 0);
}

/** The mask of a prefix length from 0 to 32, as a signed 32-bit number. */
export function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix);
}

/** An IPv6 address in its shortest form; undefined where it is none. */
export function canonicalIPv6(address: string): string | undefined {
  return URL.canParse(`http://[${address}]/`)
    ? new URL(`http://[${address}]/`).hostname.slice(1, -1)
    : undefined;
}
