import type { DesiredFirewall, DesiredFirewallRule } from '../../model/desired.ts';
import type { Findings } from '../diagnose.ts';
import type { RawGuest } from '../raw-guest.ts';

/** A guest's firewall; without `enabled` it is on where there are rules. */
export function firewallOf(guest: RawGuest, findings: Findings): DesiredFirewall | undefined {
  const config = guest.config.firewall;
  if (!config) return undefined;
  const declared = config.rules ?? [];
  const rules: DesiredFirewallRule[] = [];
  const seen = new Map<string, number>();
  for (const [index, rule] of declared.entries()) {
    const { port, ...rest } = rule;
    if (port !== undefined && !PROTOCOLS_WITH_PORTS.has(rule.proto ?? '')) {
      findings.add('port-without-protocol', {
        summary: 'A firewall rule has a port but no protocol with ports',
        position: guest.at('firewall', 'rules', index, 'port'),
        target: guest.vmid,
      });
    }
    const text = port === undefined ? undefined : String(port).replaceAll(' ', '').replaceAll('-', ':');
    const entry = JSON.stringify([
      rule.type,
      rule.action,
      rule.proto,
      text,
      rule.source,
      rule.dest,
      rule.iface,
    ]);
    const earlier = seen.get(entry);
    if (earlier !== undefined) {
      findings.add('duplicate-item', {
        summary: 'A firewall rule stands twice',
        detail: `It is the same as rule ${earlier + 1}.`,
        position: guest.at('firewall', 'rules', index),
        target: guest.vmid,
      });
      continue;
    }
    seen.set(entry, index);
    rules.push({ ...definedOnly(rest), ...(text !== undefined && { port: text }) });
  }
  return {
    enabled: config.enabled ?? rules.length > 0,
    ...(config.default_input_policy !== undefined && { inputPolicy: config.default_input_policy }),
    ...(config.default_output_policy !== undefined && { outputPolicy: config.default_output_policy }),
    rules,
  };
}

/** Only these have ports. */
export const PROTOCOLS_WITH_PORTS = new Set(['tcp', 'udp', 'sctp', 'udplite', 'dccp']);

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<T>;
}
