import type { FirewallRule } from './firewall-file.ts';

/**
 * A rule's line as the parts that `printFirewallRule` prints; undefined for one that says more or is
 * written otherwise (a macro, a group, a switched-off rule, a log level), since printing it again
 * would not give the same rule.
 */
export function parseFirewallRule(line: string): FirewallRule | undefined {
  const match = /^(IN|OUT)\s+(ACCEPT|DROP|REJECT)((?:\s+-\S+\s+[^\s#]+)*)\s*(?:#\s?(.*))?$/i.exec(
    line.trim(),
  );
  if (!match) return undefined;
  const [, type = '', action = '', options = '', comment] = match;
  const parts: Record<string, string> = {};
  for (const [, option = '', value = ''] of options.matchAll(/-(\S+)\s+(\S+)/g)) {
    if (option === 'log' && value === 'nolog') continue;
    const key = KEYS.get(option);
    if (key === undefined || key in parts) return undefined;
    parts[key] = value;
  }
  return {
    type: type.toLowerCase() === 'in' ? 'in' : 'out',
    action: action.toUpperCase(),
    ...parts,
    ...(comment !== undefined && comment.trim() !== '' && { comment: comment.trim() }),
  };
}

const KEYS: ReadonlyMap<string, string> = new Map([
  ['i', 'iface'],
  ['iface', 'iface'],
  ['source', 'source'],
  ['dest', 'dest'],
  ['p', 'proto'],
  ['proto', 'proto'],
  ['dport', 'port'],
]);
