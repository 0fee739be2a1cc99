/** Is an IP address in a network (`10.0.0.0/24`), a range (`10.0.0.1-10.0.0.9`), or equal to an address? */
export function contains(place: string, address: string): boolean {
  const [from = '', to] = place.split('-');
  if (to !== undefined) {
    const [low, high, at] = [numberOf(from), numberOf(to), numberOf(address)];
    if (!low || !high || !at || low.bits !== at.bits || high.bits !== at.bits) return false;
    return at.value >= low.value && at.value <= high.value;
  }
  const [base = '', prefix] = place.split('/');
  const [network, at] = [numberOf(base), numberOf(address)];
  if (!network || !at || network.bits !== at.bits) return false;
  const rest = BigInt(Math.max(0, network.bits - Number(prefix ?? network.bits)));
  return network.value >> rest === at.value >> rest;
}

/** Is this an address, a network or a range, and no name? */
export function isAddress(text: string): boolean {
  return text.split('-').every((part) => numberOf(part.split('/')[0] ?? '') !== undefined);
}

type Numbered = { readonly value: bigint; readonly bits: 32 | 128 };

function numberOf(address: string): Numbered | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) {
    const value = address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
    return { value, bits: 32 };
  }
  if (!/^[0-9A-Fa-f:]+$/.test(address) || !address.includes(':')) return undefined;
  const [head = '', tail] = address.split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail ?? '').length;
  if (missing < 0 || (tail === undefined && missing > 0)) return undefined;
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail ?? '')];
  return { value: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group || '0'}`), 0n), bits: 128 };
}
