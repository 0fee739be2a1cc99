import { isIPv4, isIPv6 } from 'node:net';
import { FIREWALL_FORMATS } from './firewall-formats.ts';
import { readSize } from './sizes.ts';
import { splitList } from './lists.ts';

/**
 * Checks a value against one of Proxmox's named formats. Gives the complaint, or undefined where the
 * value is fine. `-list` formats check each entry. Unknown formats accept all.
 */
export function checkFormat(format: string, value: string): string | undefined {
  const list = /^(.*)-list$/.exec(format);
  if (list?.[1] !== undefined) {
    const check = FORMATS[list[1]];
    if (check === undefined) return undefined;
    for (const entry of splitList(value)) {
      const complaint = check(entry);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }
  return FORMATS[format]?.(value);
}

type Check = (value: string) => string | undefined;

const LABEL = '([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)';
const DNS_NAME = new RegExp(`^(${LABEL}\\.)*${LABEL}$`);

const FORMATS: Readonly<Record<string, Check>> = {
  'pve-vmid': matches(/^[1-9][0-9]{2,8}$/, () => 'value does not look like a valid VM ID'),
  'pve-node': matches(new RegExp(`^${LABEL}$`), () => 'value does not look like a valid node name'),
  'pve-configid': matches(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`),
  'pve-storage-id': matches(
    /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i,
    (value) => `storage ID '${value}' contains illegal characters`,
  ),
  'pve-poolid': matches(
    /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+){0,2}$/,
    (value) => `invalid pool name '${value}'`,
  ),
  'dns-name': matches(DNS_NAME, () => 'value does not look like a valid DNS name'),
  'mac-addr': matches(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i,
    () => 'value does not look like a valid unicast MAC address',
  ),
  'pve-volume-id': matches(
    /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-tag': matches(/^[a-z0-9_][a-z0-9_\-+.]*$/i, () => 'invalid characters in tag'),
  'pve-storage-path': matches(/^\/.*/, () => 'value does not look like a valid absolute path'),
  'pve-storage-server': (value) =>
    isAddress(value) || DNS_NAME.test(value)
      ? undefined
      : 'value does not look like a valid server name or IP address',
  ipv4: (value) => (isIPv4(value) ? undefined : 'value does not look like a valid IPv4 address'),
  ipv6: (value) => (isPlainIPv6(value) ? undefined : 'value does not look like a valid IPv6 address'),
  'pve-ipv4-config': (value) =>
    /^(?:dhcp|manual)$/.test(value) || isCidr4(value)
      ? undefined
      : 'value does not look like a valid ipv4 network configuration',
  'pve-ipv6-config': (value) =>
    /^(?:auto|dhcp|manual)$/.test(value) || isCidr6(value)
      ? undefined
      : 'value does not look like a valid ipv6 network configuration',
  'lxc-ip-with-ll-iface': (value) =>
    isAddress(value) || /^fe80:[^%]+%[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i.test(value)
      ? undefined
      : 'value does not look like a valid IP address',
  'disk-size': (value) =>
    readSize(value) === undefined ? `value does not look like a valid disk size: ${value}` : undefined,
  'pve-startup-order': (value) => (isStartupOrder(value) ? undefined : 'unable to parse startup options'),
  'pve-ct-timezone': (value) =>
    value === 'host' || isTimeZone(value) ? undefined : `invalid time zone '${value}'`,
  'pve-lxc-mp-string': (value) =>
    /\/\.\.?\/|\/\.\.?$|^\.\.\//.test(value) ? `${value} contains illegal character sequences` : undefined,
  'pve-lxc-dev-string': (value) =>
    value.startsWith('/dev/') && !/\/\.\.?(?:\/|$)/.test(value)
      ? undefined
      : `${value} is not a valid device path`,
  ...FIREWALL_FORMATS,
  'pve-hotplug-features': (value) => {
    const odd =
      value === '0' || value === '1' ? undefined : splitList(value).find((word) => !HOTPLUG.test(word));
    return odd === undefined ? undefined : `invalid hotplug feature '${odd}'`;
  },
  'pve-qm-bootdev': matches(
    /^(?:ide[0-3]|sata[0-5]|scsi(?:[12]?\d|30)|virtio(?:\d|1[0-5])|net(?:[12]?\d|3[01])|usb(?:\d|1[0-3])|hostpci(?:\d|1[0-5]))$/,
    (value) => `invalid boot device '${value}'`,
  ),
  'pve-volume-id-or-qm-path': matches(
    /^(?:none|cdrom|cloudinit|\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-volume-id-or-absolute-path': matches(
    /^(?:\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-storage-content': (value) => (CONTENTS.has(value) ? undefined : `invalid content type '${value}'`),
};

const HOTPLUG = /^(?:network|disk|cpu|memory|usb|cloudinit)$/;

const CONTENTS = new Set(['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import', 'none']);

function matches(pattern: RegExp, complain: (value: string) => string): Check {
  return (value) => (pattern.test(value) ? undefined : complain(value));
}

function isAddress(value: string): boolean {
  return isIPv4(value) || isPlainIPv6(value);
}

/** Without a zone such as `%eth0`. */
function isPlainIPv6(value: string): boolean {
  return isIPv6(value) && !value.includes('%');
}

function isCidr4(value: string): boolean {
  const [address = '', bits = '', rest] = value.split('/');
  return rest === undefined && isIPv4(address) && /^\d+$/.test(bits) && +bits > 7 && +bits <= 32;
}

function isCidr6(value: string): boolean {
  const [address = '', bits = '', rest] = value.split('/');
  return rest === undefined && isPlainIPv6(address) && /^\d+$/.test(bits) && +bits > 7 && +bits <= 128;
}

function isStartupOrder(value: string): boolean {
  if (value === '' || value === '0') return false;
  return value
    .split(',')
    .every((part) => /^\s*$/.test(part) || /^(?:(?:order=)?\d+|up=\d+|down=\d+)$/.test(part));
}

/** Zones of zone.tab: a region and a place; aliases of countries are none. */
function isTimeZone(value: string): boolean {
  if (value === 'UTC') return true;
  if (!/^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//.test(value)) {
    return false;
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).format();
    return true;
  } catch {
    return false;
  }
}
