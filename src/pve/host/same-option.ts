/** Do two values of an option of `/etc/network/interfaces` mean the same? */
export function isSameOption(name: string, a: string, b: string): boolean {
  return normalize(name, a) === normalize(name, b);
}

/** An address with its prefix length, also where the file gives a netmask; as it is where it can't be told. */
export function withPrefix(address: string, netmask: string | undefined): string {
  if (address.includes('/') || netmask === undefined) return address.toLowerCase();
  if (!netmask.includes('.')) return `${address.toLowerCase()}/${netmask}`;
  const bits = netmask
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? `${address}/${bits.indexOf('0') === -1 ? 32 : bits.indexOf('0')}` : address;
}

function normalize(name: string, value: string): string {
  const text = value.trim();
  if (SETS.has(name)) {
    return text
      .split(/\s+/)
      .filter((word) => word !== '' && word !== 'none')
      .toSorted()
      .join(' ');
  }
  if (FLAGS.has(name)) return String(/^(?:yes|on|1|true)$/i.test(text));
  if (name === 'bond-mode') return BOND_MODES[Number(text)] ?? text;
  return text.toLowerCase();
}

const SETS = new Set(['bridge-ports', 'bond-slaves', 'bridge-vids']);
const FLAGS = new Set(['bridge-vlan-aware', 'bridge-stp']);
const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
];
