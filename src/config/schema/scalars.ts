import * as v from 'valibot';

/** A text on one line. */
export function line(expects: string, pattern?: RegExp, longest = 4096) {
  const base = v.pipe(
    v.string(),
    v.check(hasNoControl, 'control-character'),
    v.maxLength(longest),
    v.metadata({ expects }),
  );
  return pattern ? v.pipe(base, v.regex(pattern)) : v.pipe(base, v.minLength(1));
}

/** A text that may be empty. */
export const anyLine = v.pipe(
  v.string(),
  v.check(hasNoControl, 'control-character'),
  v.maxLength(4096),
  v.metadata({ expects: 'a text' }),
);

/** A text over several lines. */
export const paragraph = v.pipe(
  v.string(),
  v.check((text) => hasNoControl(text.replaceAll(/[\n\t]/g, ' ')), 'control-character'),
  v.maxLength(8000),
  v.metadata({ expects: 'a text of at most 8000 characters' }),
);

/** What a file may hold. */
export const fileText = v.pipe(
  v.string(),
  v.check((text) => hasNoControl(text.replaceAll(/\r\n|[\n\t]/g, ' ')), 'control-character'),
  v.maxLength(262_144),
  v.metadata({ expects: 'a text of at most 262144 characters' }),
);

/** A limit of a network interface, as Proxmox counts it. */
export const rate = v.pipe(
  v.number(),
  v.minValue(0.001),
  v.maxValue(100_000),
  v.metadata({ expects: 'a number of megabytes per second' }),
);

/** A whole number within limits; `unit` is for people. */
export function whole(least: number, most: number, unit = '') {
  const expects = `a whole number from ${least} to ${most}${unit && ` (${unit})`}`;
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.metadata({ expects }));
}

/** A whole number that may also be written as a text of digits. */
export function wholeOrText(least: number, most: number) {
  const digits = v.pipe(
    v.string(),
    v.regex(/^\d{1,10}$/),
    v.check((text) => Number(text) >= least && Number(text) <= most, 'out-of-range'),
  );
  return v.pipe(
    v.union([whole(least, most), digits]),
    v.metadata({ expects: `a whole number from ${least} to ${most}` }),
  );
}

export const flag = v.pipe(v.boolean(), v.metadata({ expects: 'true or false' }));

/** A guest id as a number or a text. */
export const guestId = v.pipe(
  v.union([
    v.pipe(v.number(), v.check(isVmid, 'bad-vmid')),
    v.pipe(
      v.string(),
      v.check((text) => /^[1-9]\d*$/.test(text) && isVmid(Number(text)), 'bad-vmid'),
    ),
  ]),
  v.metadata({
    expects: 'a guest id from 100 to 999999999',
    remedy: 'Write the id of a guest, such as "101".',
  }),
);

/** Is this a guest id as Proxmox allows it? */
export function isVmid(value: number): boolean {
  return Number.isInteger(value) && value >= 100 && value <= 999_999_999;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
// Deliberately wide for IPv6: digits, colons, an IPv4 tail; `isIPv6` decides where it matters.
const IPV6 = '(?=[^/]*:[^/]*:)[0-9A-Fa-f:]{2,39}(?:(?<=:)\\d{1,3}(?:\\.\\d{1,3}){3})?';

export const ipv4 = line('an IPv4 address, such as 10.0.0.5', new RegExp(`^${IPV4}$`));
export const ipv6 = line('an IPv6 address, such as fd00::5', new RegExp(`^${IPV6}$`));
export const ipAddress = line('an IP address, such as 10.0.0.5', new RegExp(`^(?:${IPV4}|${IPV6})$`));
/** One or several addresses: a text parted by spaces or commas, or a list. */
export const ipAddresses = v.pipe(
  v.union([
    line('addresses', new RegExp(`^(?:${IPV4}|${IPV6})(?:[ ,]+(?:${IPV4}|${IPV6}))*$`)),
    v.array(ipAddress),
  ]),
  v.metadata({ expects: 'an IP address, or a list of them' }),
);
export const ipv4Cidr = line(
  'an IPv4 address with its prefix length, such as 10.0.0.5/24',
  new RegExp(`^${IPV4}/(?:3[0-2]|[12]?\\d)$`),
);
export const ipv4Setting = line(
  'an IPv4 address with its prefix length, such as 10.0.0.5/24, or dhcp, or manual',
  new RegExp(`^(?:dhcp|manual|${IPV4}/(?:3[0-2]|[12]?\\d))$`),
);
export const ipv6Setting = line(
  'an IPv6 address with its prefix length, such as fd00::5/64, or auto, dhcp or manual',
  new RegExp(`^(?:auto|dhcp|manual|${IPV6}/(?:12[0-8]|1[01]\\d|[1-9]?\\d))$`),
);
export const ipv4OrDhcp = line(
  'an IPv4 address with its prefix length, such as 10.0.0.5/24, or dhcp',
  new RegExp(`^(?:dhcp|${IPV4}/(?:3[0-2]|[12]?\\d))$`),
);
export const ipv6OrAutomatic = line(
  'an IPv6 address with its prefix length, such as fd00::5/64, or auto or dhcp',
  new RegExp(`^(?:auto|dhcp|${IPV6}/(?:12[0-8]|1[01]\\d|[1-9]?\\d))$`),
);
export const macAddress = line(
  'a unicast MAC address, such as 52:54:00:12:34:56',
  /^[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}$/,
);

/** A host name as Proxmox takes it (`dns-name`). */
export const hostName = line(
  'a host name: letters, digits and hyphens, labels parted by dots, each of at most 63 characters',
  /^(?!.{254})[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
);
export const storageId = line(
  'a storage id: letters, digits, "-", "_" and ".", beginning with a letter',
  /^[A-Za-z][A-Za-z0-9\-_.]*[A-Za-z0-9]$/,
  100,
);
export const bridge = line('the name of a bridge, such as vmbr0', /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/);
export const nicName = line('the name of an interface, such as eth0', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/);
export const snapshotName = line(
  'a snapshot name: letters, digits, "_" and "-", beginning with a letter',
  /^[A-Za-z][A-Za-z0-9_-]{1,39}$/,
);
export const tag = line(
  'a tag: letters, digits, "_", "-", "+" and "."',
  /^[A-Za-z0-9_][A-Za-z0-9_\-+.]*$/,
  64,
);
export const timezoneName = line(
  'a timezone, such as Europe/Berlin, or host',
  /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/,
);
/** Commas would end a property string of Proxmox's, and it drops a space at a line's end. */
export const absolutePath = line(
  'an absolute path without commas, a space at its end, backslashes and ".."',
  /^\/(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))(?!.*\/\/)(?!.*\s$)[^,\\]*$/,
);
/** Proxmox writes a mount's source without its name, and would take what is before a "=" for one. */
export const sourcePath = line(
  'an absolute path without commas, "=", a space at its end, backslashes and ".."',
  /^\/(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))(?!.*\/\/)(?!.*\s$)[^,=\\]*$/,
);
export const imageFile = line(
  'the name of a disk image: letters, digits, "-", "_", "+" and ".", with the ending .img, .qcow2, .raw or .vmdk',
  /^[A-Za-z0-9_][A-Za-z0-9._+-]*\.(?:img|qcow2|raw|vmdk)$/,
  200,
);
export const fileName = line('the name of a file inside the folder', /^[^\\]+$/, 255);
export const webUrl = line('a web address, such as http://10.0.0.5:8080/', /^https?:\/\/[^\s]+$/);

function hasNoControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}
