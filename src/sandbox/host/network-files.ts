import type { Nic } from '../../twin/host.ts';

/** `/etc/network/interfaces` as Proxmox writes it for Debian and its relatives. */
export function interfacesFile(nics: readonly Nic[]): string {
  const parts = ['auto lo\niface lo inet loopback\n'];
  for (const { index, fields } of nics) {
    const name = fields['name'] ?? `eth${index}`;
    const lines = [`auto ${name}`];
    const { ip, gw, ip6, gw6 } = fields;
    if (ip === undefined && ip6 === undefined) lines.push(`iface ${name} inet manual`);
    if (ip === 'dhcp' || ip === 'manual') lines.push(`iface ${name} inet ${ip}`);
    else if (ip !== undefined) {
      lines.push(`iface ${name} inet static`, `\taddress ${ip}`);
      if (gw !== undefined) lines.push(...gatewayLines(name, gw, ip, '-4'));
    }
    if (ip6 === 'dhcp' || ip6 === 'manual' || ip6 === 'auto') lines.push('', `iface ${name} inet6 ${ip6}`);
    else if (ip6 !== undefined) {
      lines.push('', `iface ${name} inet6 static`, `\taddress ${ip6}`);
      if (gw6 !== undefined) lines.push(...gatewayLines(name, gw6, ip6, '-6'));
    }
    parts.push(`${lines.join('\n')}\n`);
  }
  return `${parts.join('\n')}\n`;
}

/** A unit of systemd-networkd for one interface: `/etc/systemd/network/<name>.network`. */
export function networkUnit({ index, fields }: Nic): string {
  const { ip, gw, ip6, gw6 } = fields;
  const dhcp =
    ip === 'dhcp' && ip6 === 'dhcp' ? 'yes' : ip === 'dhcp' ? 'ipv4' : ip6 === 'dhcp' ? 'ipv6' : 'no';
  const addresses = [ip, ip6].filter((address) => address?.includes('/'));
  const gateways = [gw, gw6].filter((gateway) => gateway !== undefined);
  return [
    '[Match]', `Name = ${fields['name'] ?? `eth${index}`}`, '',
    '[Network]', 'Description = Interface autoconfigured by PVE',
    ...addresses.map((address) => `Address = ${address}`),
    ...gateways.map((gateway) => `Gateway = ${gateway}`),
    `DHCP = ${dhcp}`, `IPv6AcceptRA = ${ip6 === 'auto' ? 'yes' : 'no'}`, '',
  ].join('\n'); // prettier-ignore
}

/** `/etc/resolv.conf`, with what others wrote outside Proxmox's section kept. */
export function resolvFile(
  before: string,
  servers: readonly string[],
  searchDomain: string | undefined,
): string {
  const search = searchDomain === undefined ? '' : `search ${searchDomain}\n`;
  return withPveSection(before, search + servers.map((server) => `nameserver ${server}\n`).join(''));
}

/** `/etc/hosts` with the guest's own name in Proxmox's section. */
export function hostsFile(
  before: string,
  hostname: string,
  searchDomain: string | undefined,
  nics: readonly Nic[],
): string {
  const address = nics.map(({ fields }) => fields['ip']).find((ip) => ip?.includes('/'));
  const qualified =
    searchDomain === undefined || hostname.includes('.')
      ? ''
      : `${hostname}.${searchDomain.split(/[ ,]/)[0]} `;
  const names = `${address?.split('/')[0] ?? '127.0.1.1'} ${qualified}${hostname}\n`;
  const local = before === '' ? '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' : before;
  return withPveSection(local, names);
}

function gatewayLines(name: string, gateway: string, cidr: string, family: '-4' | '-6'): string[] {
  if (isBeside(gateway, cidr)) return [`\tgateway ${gateway}`];
  return [
    '# --- BEGIN PVE ---',
    `\tpost-up ip ${family} route add ${gateway} dev ${name}`,
    `\tpost-up ip ${family} route add default via ${gateway} dev ${name}`,
    `\tpre-down ip ${family} route del default via ${gateway} dev ${name}`,
    `\tpre-down ip ${family} route del ${gateway} dev ${name}`,
    '# --- END PVE ---',
  ];
}

/** Can a gateway be reached through the network of this address? IPv6 is taken to be. */
function isBeside(gateway: string, cidr: string): boolean {
  const [address = '', length = '32'] = cidr.split('/');
  if (gateway.includes(':')) return true;
  const size = 2 ** (32 - Number(length));
  return Math.floor(toNumber(gateway) / size) === Math.floor(toNumber(address) / size);
}

function toNumber(address: string): number {
  return address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
}

function withPveSection(before: string, section: string): string {
  const kept = before.replace(/^# --- BEGIN PVE ---\n[^]*?^# --- END PVE ---\n?/m, '');
  return `${kept}# --- BEGIN PVE ---\n${section}# --- END PVE ---\n`;
}
