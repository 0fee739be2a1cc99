import { parseFirewallFile, readFirewallOption, sectionLines } from '../../../pve/firewall-file.ts';
import { parseFirewallRule } from '../../../pve/firewall-rule.ts';
import { definedOnly, unsaid, type Part } from './part.ts';

/** A guest's firewall file in the folder's words; rules that these can't say are named and stay. */
export function describeFirewall(text: string | undefined): Part {
  if (text === undefined) return { keys: {}, remarks: [] };
  const file = parseFirewallFile(text);
  const lines = sectionLines(file, 'RULES').filter((line) => /^\s*[^#\s]/.test(line));
  const read = lines.map((line) => ({ line, rule: parseFirewallRule(line) }));
  const rules = read.flatMap(({ rule }) => (rule ? [rule] : []));
  const unread = read.flatMap(({ line, rule }) => (rule ? [] : [line.trim()]));
  const firewall = definedOnly({
    enabled: isFirewallOn(text),
    default_input_policy: readFirewallOption(file, 'policy_in'),
    default_output_policy: readFirewallOption(file, 'policy_out'),
    rules: rules.length === 0 ? undefined : rules,
  });
  const options = sectionLines(file, 'OPTIONS').filter(
    (line) => /^\s*[^#\s]/.test(line) && !/^\s*(enable|policy_in|policy_out)\s*:/i.test(line),
  );
  const others = file.filter(({ name }) => !/^(OPTIONS|RULES|)$/i.test(name));
  return {
    keys: { firewall },
    remarks: [
      ...unread.map((line) => unsaid(`firewall rule "${line}"`)),
      ...options.map((line) => unsaid(`firewall option "${line.trim()}"`)),
      ...others.map(({ name }) => unsaid(`firewall section [${name}]`)),
    ],
  };
}

/** Does a guest's firewall file turn its firewall on? */
export function isFirewallOn(text: string | undefined): boolean {
  return readFirewallOption(parseFirewallFile(text ?? ''), 'enable') === '1';
}
