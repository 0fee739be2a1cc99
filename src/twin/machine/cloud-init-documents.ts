import { createHash } from 'node:crypto';
import { parseFields } from '../call/schema.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseMachineNic } from './nics.ts';

type Settings = ReadonlyMap<string, string>;

/** The documents that Proxmox makes of a VM's own keys; the password in clear unless masked. */
export function userDocument(settings: Settings, vmid: number, isMasked = false): string {
  const [hostname, fqdn] = hostNames(settings, vmid);
  const user = settings.get('ciuser');
  const password = settings.get('cipassword');
  const keys = decodeURIComponent(settings.get('sshkeys') ?? '')
    .split('\n')
    .filter((key) => /\S/.test(key));
  return [
    '#cloud-config',
    `hostname: ${hostname}`,
    'manage_etc_hosts: true',
    `fqdn: ${fqdn}`,
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(user === 'root' ? ['disable_root: False'] : []),
    ...(password === undefined ? [] : [`password: ${isMasked ? '**********' : password}`]),
    ...(settings.has('sshkeys') ? ['ssh_authorized_keys:', ...keys.map((key) => `  - ${key}`)] : []),
    'chpasswd:',
    '  expire: False',
    ...(user === 'root' ? [] : ['users:', '  - default']),
    ...((settings.get('ciupgrade') ?? '1') === '1' ? ['package_upgrade: true'] : []),
    '',
  ].join('\n');
}

/** The network document, version 1, as the format `nocloud` has it. */
export function networkDocument(settings: Settings): string {
  const lines = ['version: 1', 'config:'];
  for (const { index, mac, ip } of interfaces(settings)) {
    lines.push(
      '    - type: physical',
      `      name: eth${index}`,
      `      mac_address: '${mac.toLowerCase()}'`,
      '      subnets:',
      ...subnets(ip).map((line) => `      ${line}`),
    );
  }
  const servers = words(settings.get('nameserver'));
  const domains = words(settings.get('searchdomain'));
  lines.push('    - type: nameserver');
  if (servers.length > 0) lines.push('      address:', ...servers.map((server) => `      - '${server}'`));
  if (domains.length > 0) lines.push('      search:', ...domains.map((domain) => `      - '${domain}'`));
  return `${lines.join('\n')}\n`;
}

/** The network document of the formats that speak in ifupdown's words. */
export function eniDocument(settings: Settings): string {
  const servers = words(settings.get('nameserver'));
  const domains = words(settings.get('searchdomain'));
  const lines = ['auto lo', 'iface lo inet loopback', ''];
  if (servers.length > 0) lines.push(`        dns_nameservers ${servers.join(' ')}`);
  if (domains.length > 0) lines.push(`        dns_search ${domains.join(' ')}`);
  for (const { index, ip } of interfaces(settings)) {
    lines.push(`auto eth${index}`, ...stanza(index, 'inet', ip.get('ip'), ip.get('gw')));
    lines.push(...stanza(index, 'inet6', ip.get('ip6'), ip.get('gw6')));
  }
  return `${lines.join('\n')}\n`;
}

/** The meta document: the instance's id is a digest of the other two. */
export function metaDocument(user: string, network: string, format: string): string {
  const id = createHash('sha1').update(`${user}${network}`).digest('hex');
  return format === 'nocloud'
    ? `instance-id: ${id}\n`
    : `{\n     "uuid": "${id}",\n     "network_config": { "content_path": "/content/0000" }\n}\n`;
}

/** The format of a VM's Cloud-Init drive: what it says, else what its system reads. */
export function cloudInitFormat(settings: Settings): string {
  const isWindows = (settings.get('ostype') ?? '').startsWith('w');
  return settings.get('citype') ?? (isWindows ? 'configdrive2' : 'nocloud');
}

/** A VM's host name and its full name. */
export function hostNames(settings: Settings, vmid: number): [string, string] {
  const name = settings.get('name') ?? `VM${vmid}`;
  const domain = settings.get('searchdomain');
  if (name.includes('.')) return [name.replace(/\..*$/, ''), name];
  return [name, domain === undefined ? name : `${name}.${domain}`];
}

type Interface = { readonly index: string; readonly mac: string; readonly ip: Settings };

function interfaces(settings: Settings): Interface[] {
  return [...settings.keys()]
    .filter((key) => /^net\d+$/.test(key) && settings.has(`ipconfig${key.slice(3)}`))
    .toSorted()
    .map((key) => {
      const index = key.slice(3);
      const ip = parseFields(FORMATS['ipconfig'] ?? {}, settings.get(`ipconfig${index}`) ?? '');
      if (!ip.has('ip') && !ip.has('ip6')) ip.set('ip', 'dhcp').set('ip6', 'dhcp');
      return { index, mac: parseMachineNic(settings.get(key) ?? '').get('macaddr') ?? '', ip };
    });
}

function subnets(ip: Settings): string[] {
  const lines: string[] = [];
  const [four, six] = [ip.get('ip'), ip.get('ip6')];
  const [gateway, gateway6] = [ip.get('gw'), ip.get('gw6')];
  if (four === 'dhcp') lines.push('- type: dhcp4');
  else if (four !== undefined) {
    const [address = '', bits = ''] = four.split('/');
    lines.push('- type: static', `  address: '${address}'`, `  netmask: '${netmask(Number(bits))}'`);
    if (gateway !== undefined) lines.push(`  gateway: '${gateway}'`);
  }
  if (six === 'dhcp') lines.push('- type: dhcp6');
  else if (six === 'auto') lines.push('- type: ipv6_slaac');
  else if (six !== undefined) {
    lines.push('- type: static6', `  address: '${six}'`);
    if (gateway6 !== undefined) lines.push(`  gateway: '${gateway6}'`);
  }
  return lines;
}

function stanza(
  index: string,
  family: 'inet' | 'inet6',
  ip: string | undefined,
  gateway: string | undefined,
): string[] {
  if (ip === undefined) return [];
  if (/^(auto|dhcp)$/.test(ip)) return [`iface eth${index} ${family} ${ip}`];
  const [address = '', bits = ''] = ip.split('/');
  return [
    `iface eth${index} ${family} static`,
    `        address ${address}`,
    `        netmask ${family === 'inet' ? netmask(Number(bits)) : bits}`,
    ...(gateway === undefined ? [] : [`        gateway ${gateway}`]),
  ];
}

function netmask(bits: number): string {
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.');
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
