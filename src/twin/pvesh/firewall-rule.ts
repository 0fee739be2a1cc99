import { addressVersion, FIREWALL_FORMATS, isAliasName } from '../call/firewall-formats.ts';
import { macroName } from './macros.ts';

/** A rule as the API shows it; `errors` by property for one that the file has and that is not right. */
export type Rule = {
  fields: Map<string, string>;
  isEnabled: boolean;
  ipversion: 4 | 6 | undefined;
  errors: ReadonlyMap<string, string>;
};

/** What a rule may refer to, by name in lower case. */
export type Names = { readonly aliases: ReadonlySet<string>; readonly ipsets: ReadonlySet<string> };

const OPTIONS: readonly (readonly [string, RegExp])[] = [
  ['iface', /^-i (\S+)\s*/],
  ['proto', /^(?:-p|--?proto) (\S+)\s*/],
  ['dport', /^--?dport (\S+)\s*/],
  ['sport', /^--?sport (\S+)\s*/],
  ['source', /^--?source (\S+)\s*/],
  ['dest', /^--?dest (\S+)\s*/],
  ['log', /^--?log (emerg|alert|crit|err|warning|notice|info|debug|nolog)\s*/],
  ['icmp-type', /^--?icmp-type (\S+)\s*/],
];

/** Reads a rule's line; gives a complaint for one that cannot be read. */
export function parseRule(text: string, names: Names): Rule | string {
  let line = text;
  const fields = new Map<string, string>();
  const comment = /#\s*(.*?)\s*$/.exec(line);
  if (comment?.[1] !== undefined) {
    fields.set('comment', comment[1]);
    line = line.slice(0, comment.index);
  }
  const isEnabled = !line.startsWith('|');
  line = line.replace(/^\|/, '');
  const head = /^(\S+)\s+(\S+)\s*/.exec(line);
  if (head?.[1] === undefined || head[2] === undefined) return `unable to parse rule: ${line}`;
  line = line.slice(head[0].length);
  const type = head[1].toLowerCase();
  const macro = /^(\S+)\((ACCEPT|DROP|REJECT)\)$/.exec(head[2]);
  fields.set('type', type).set('action', macro?.[2] ?? head[2]);
  if (macro?.[1] !== undefined) fields.set('macro', macro[1]);
  for (let isRead = true; isRead && line !== '';) {
    isRead = false;
    for (const [name, pattern] of OPTIONS) {
      const found = type === 'group' && name !== 'iface' ? null : pattern.exec(line);
      if (found?.[1] === undefined) continue;
      fields.set(name, found[1]);
      line = line.slice(found[0].length);
      isRead = true;
    }
  }
  if (line !== '') return `unable to parse rule parameters: ${line}`;
  return { fields, isEnabled, ...verifyRule(fields, names) };
}

/** Prints a rule as Proxmox writes it. */
export function printRule({ fields, isEnabled }: Rule): string {
  const [type = '', action = '', macro] = ['type', 'action', 'macro'].map((name) => fields.get(name));
  const option = (word: string, name: string): string => {
    const value = fields.get(name);
    return value === undefined || value === '' ? '' : ` -${word} ${value}`;
  };
  const comment = fields.get('comment') ?? '';
  const rest =
    type === 'group'
      ? ''
      : option('source', 'source') +
        option('dest', 'dest') +
        option('p', 'proto') +
        option('dport', 'dport') +
        option('sport', 'sport') +
        option('log', 'log') +
        option('icmp-type', 'icmp-type');
  return (
    `${isEnabled ? '' : '|'}${type.toUpperCase()} ${macro === undefined ? action : `${macro}(${action})`}` +
    `${option('i', 'iface')}${rest}${comment.trim() === '' ? '' : ` # ${comment}`}\n`
  );
}

/** Finds what is wrong with a rule, by property in the order of Proxmox's checks, and its addresses' version. */
export function verifyRule(
  fields: Map<string, string>,
  names: Names,
): { ipversion: 4 | 6 | undefined; errors: Map<string, string> } {
  const errors = new Map<string, string>();
  const complain = (name: string, message: string | undefined): void => {
    if (message !== undefined && !errors.has(name)) errors.set(name, message);
  };
  const versions = new Set<4 | 6>();
  const [type = '', action = ''] = [fields.get('type'), fields.get('action')];
  if (!/^(in|out|group)$/.test(type)) {
    complain('type', `invalid rule type '${type}' for rule_env 'vm'`);
  } else if (type === 'group') {
    if (!/^[A-Za-z][A-Za-z0-9_-]+$/.test(action)) {
      complain('action', 'invalid characters in security group name');
    }
  } else if (!/^(ACCEPT|DROP|REJECT)$/.test(action)) complain('action', `unknown action '${action}'`);
  const iface = fields.get('iface');
  if (iface !== undefined && !/^net\d+$/.test(iface)) {
    complain('iface', "value does not match the regex pattern 'net\\d+'");
  }
  const macro = fields.get('macro');
  if (macro !== undefined) {
    const name = macroName(macro);
    if (name === undefined) complain('macro', `unknown macro '${macro}'`);
    else fields.set('macro', name);
  }
  verifyPorts(fields, complain);
  const proto = fields.get('proto');
  if (proto === 'icmp') versions.add(4);
  if (proto === 'icmpv6' || proto === 'ipv6-icmp') versions.add(6);
  for (const name of ['source', 'dest']) {
    const value = fields.get(name);
    if (value === undefined) continue;
    complain(name, FIREWALL_FORMATS['pve-fw-addr-spec']?.(value) ?? complainOfName(value, names));
    const version = addressVersion(value);
    if (version !== undefined && versions.size > 0 && !versions.has(version)) {
      complain(name, 'detected mixed ipv4/ipv6 addresses in rule');
    } else if (version !== undefined) versions.add(version);
  }
  return { ipversion: [...versions][0], errors };
}

function verifyPorts(
  fields: ReadonlyMap<string, string>,
  complain: (name: string, message: string | undefined) => void,
): void {
  const proto = fields.get('proto');
  const isIcmp = proto !== undefined && /^(icmp|icmpv6|ipv6-icmp|1|58)$/.test(proto);
  if (proto !== undefined) complain('proto', FIREWALL_FORMATS['pve-fw-protocol-spec']?.(proto));
  for (const name of ['dport', 'sport']) {
    const value = fields.get(name);
    if (value === undefined) continue;
    complain(name, FIREWALL_FORMATS[`pve-fw-${name}-spec`]?.(value));
    if (proto === undefined) complain('proto', `missing property - '${name}' requires this property`);
    else if (!/^(tcp|udp|udplite|dccp|sctp|6|17|33|132|136)$/.test(proto) && !(isIcmp && name === 'dport')) {
      complain(name, `protocol '${proto}' does not support ports`);
    }
  }
  if (!fields.has('icmp-type')) return;
  if (!isIcmp) complain('proto', "missing property - 'icmp-type' requires this property");
  if (fields.has('dport')) {
    complain('icmp-type', "'icmp-type' cannot be specified together with 'dport'");
  }
}

function complainOfName(value: string, names: Names): string | undefined {
  if (value.startsWith('+')) {
    const name = /^\+(?:guest\/|dc\/|sdn\/)?([A-Za-z][A-Za-z0-9_-]+)$/.exec(value)?.[1];
    if (name === undefined) return `invalid ipset name '${value}'`;
    return names.ipsets.has(name.toLowerCase()) ? undefined : `no such ipset '${name}'`;
  }
  if (!isAliasName(value)) return undefined;
  const name = value.replace(/^(dc|guest)\//, '').toLowerCase();
  return names.aliases.has(name) ? undefined : `no such alias '${value}'`;
}
