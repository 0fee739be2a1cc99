/** An interface as ifupdown2 brings it up. */
export type LoadedInterface = {
  name: string;
  isAuto: boolean;
  method: string;
  addresses: string[];
  gateway?: string;
  /** Ports of a bridge, members of a bond. */
  below: string[];
  /** Device of a VLAN. */
  device?: string;
};

/** Reads what a text of `/etc/network/interfaces` brings up; undefined where it is malformed. */
export function loadInterfaces(text: string): ReadonlyMap<string, LoadedInterface> | undefined {
  const found = new Map<string, LoadedInterface>();
  const at = (name: string): LoadedInterface => {
    const known = found.get(name);
    if (known) return known;
    const fresh: LoadedInterface = { name, isAuto: false, method: '', addresses: [], below: [] };
    found.set(name, fresh);
    return fresh;
  };
  let current: LoadedInterface | undefined;
  let family = '';
  for (const raw of text.replaceAll('\\\n', ' ').split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [first = '', ...words] = line.split(/\s+/);
    const isHeader = ['auto', 'iface', 'source', 'source-directory', 'mapping'].includes(first);
    if (isHeader || first.startsWith('allow-')) current = undefined;
    if (first === 'auto') for (const name of words) at(name).isAuto = true;
    else if (first === 'iface') {
      const [name = '', kind = '', method = ''] = words;
      if (!FAMILIES.has(kind) || !METHODS.has(method)) return undefined;
      current = at(name);
      family = kind;
      if (family === 'inet') current.method = method;
    } else if (isHeader || first.startsWith('allow-')) continue;
    else if (current) setOption(current, family, first.replaceAll('_', '-'), words);
    else return undefined;
  }
  return found;
}

const FAMILIES = new Set(['inet', 'inet6']);
const METHODS = new Set(['static', 'dhcp', 'manual', 'loopback', 'auto', 'tunnel']);

function setOption(one: LoadedInterface, family: string, name: string, words: readonly string[]): void {
  const [first = ''] = words;
  if (name === 'bridge-ports' || name === 'bond-slaves' || name === 'slaves') {
    one.below.push(...words.filter((word) => word !== 'none'));
  }
  if (name === 'vlan-raw-device') one.device = first;
  if (family !== 'inet') return;
  if (name === 'address') one.addresses.push(first);
  if (name === 'gateway') one.gateway = first;
  if (name === 'netmask') {
    one.addresses = one.addresses.map((address) =>
      address.includes('/') ? address : `${address}/${prefixOf(first)}`,
    );
  }
}

function prefixOf(netmask: string): number {
  if (!netmask.includes('.')) return Number(netmask);
  return netmask
    .split('.')
    .map((octet) => Number(octet).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
}
