import type {
  DesiredFirewallLevel,
  DesiredHostFirewall,
  DesiredLevelRule,
} from '../../model/desired-host-firewall.ts';
import type { Position } from '../../model/diagnostic.ts';
import type { Findings } from '../diagnose.ts';
import type { Path } from '../parse/tree.ts';
import type { LevelRuleConfig } from '../schema/hypervisor-firewall.ts';
import type { HypervisorConfig } from '../schema/hypervisor-file.ts';
import { CONFIRM_WITHIN_SECONDS } from './network.ts';
import { PROTOCOLS_WITH_PORTS } from './firewall.ts';

/** The firewall of the datacenter and of the host; undefined where the folder says nothing of it. */
export function hostFirewallOf(
  { firewall, network }: HypervisorConfig,
  at: (...path: Path) => Position,
  findings: Findings,
): DesiredHostFirewall | undefined {
  if (!firewall) return undefined;
  const rules = (list: readonly LevelRuleConfig[] | undefined, path: Path): DesiredLevelRule[] =>
    rulesOf(list ?? [], (index, key) => at('firewall', ...path, index, key), findings);
  const { host, enabled, default_input_policy, default_output_policy } = firewall;
  const datacenter: DesiredFirewallLevel = {
    ...(enabled !== undefined && { enabled }),
    ...(default_input_policy !== undefined && { inputPolicy: default_input_policy }),
    ...(default_output_policy !== undefined && { outputPolicy: default_output_policy }),
    rules: [
      ...rules(firewall.global_firewall_rules, ['global_firewall_rules']),
      ...rules(firewall.rules, ['rules']),
    ],
  };
  checkNames(firewall, at, findings);
  return {
    datacenter,
    ...(host && {
      host: {
        ...(host.enabled !== undefined && { enabled: host.enabled }),
        rules: rules(host.rules, ['host', 'rules']),
      },
    }),
    aliases: (firewall.aliases ?? []).map(withComment),
    ipSets: (firewall.ip_sets ?? []).map(withComment),
    groups: (firewall.security_groups ?? []).map((group, index) => ({
      ...withComment(group),
      rules: rules(group.rules, ['security_groups', index, 'rules']),
    })),
    confirmWithinSeconds: network?.confirm_within_seconds ?? CONFIRM_WITHIN_SECONDS,
    position: at('firewall'),
  };
}

function rulesOf(
  declared: readonly LevelRuleConfig[],
  at: (index: number, key: string) => Position,
  findings: Findings,
): DesiredLevelRule[] {
  const rules: DesiredLevelRule[] = [];
  const seen = new Map<string, number>();
  for (const [index, rule] of declared.entries()) {
    const found = ruleOf(rule, (key, finding) =>
      findings.add(finding.code, {
        summary: finding.summary,
        ...(finding.remedy !== undefined && { remedy: finding.remedy }),
        position: at(index, key),
        target: 'node',
      }),
    );
    if (!found) continue;
    const { comment: _comment, ...said } = found;
    const key = JSON.stringify(said);
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, index);
      rules.push(found);
      continue;
    }
    findings.add('duplicate-item', {
      summary: 'A firewall rule stands twice',
      detail: `It is the same as rule ${earlier + 1}.`,
      position: at(index, 'type'),
      target: 'node',
    });
  }
  return rules;
}

type Report = (
  key: string,
  finding: {
    readonly code: 'port-without-protocol' | 'incomplete-rule';
    readonly summary: string;
    readonly remedy?: string;
  },
) => void;

function ruleOf(rule: LevelRuleConfig, report: Report): DesiredLevelRule | undefined {
  const { type, action, group, macro, proto, port, source, dest, iface, comment } = rule;
  const tail = { ...(iface !== undefined && { iface }), ...(comment !== undefined && { comment }) };
  if (type === 'group') {
    if (group !== undefined) return { type, group, ...tail };
    report('type', {
      code: 'incomplete-rule',
      summary: 'A rule of the type group names no group',
      remedy: 'Add "group": "NAME".',
    });
    return undefined;
  }
  if (action === undefined) {
    report('type', {
      code: 'incomplete-rule',
      summary: 'A firewall rule does not say what happens',
      remedy: 'Add "action": "ACCEPT", "DROP" or "REJECT".',
    });
    return undefined;
  }
  if (port !== undefined && !PROTOCOLS_WITH_PORTS.has(proto ?? '')) {
    report('port', {
      code: 'port-without-protocol',
      summary: 'A firewall rule has a port but no protocol with ports',
    });
  }
  return {
    type,
    action: macro === undefined ? action : `${macro}(${action})`,
    ...(proto !== undefined && { proto }),
    ...(port !== undefined && { port: String(port).replaceAll(' ', '').replaceAll('-', ':') }),
    ...(source !== undefined && { source }),
    ...(dest !== undefined && { dest }),
    ...tail,
  };
}

function checkNames(
  firewall: NonNullable<HypervisorConfig['firewall']>,
  at: (...path: Path) => Position,
  findings: Findings,
): void {
  for (const list of ['aliases', 'ip_sets', 'security_groups'] as const) {
    const seen = new Set<string>();
    for (const [index, { name }] of (firewall[list] ?? []).entries()) {
      const lower = name.toLowerCase();
      if (seen.has(lower)) {
        findings.add('duplicate-firewall-name', {
          summary: 'A name of the firewall is given twice',
          detail: name,
          position: at('firewall', list, index, 'name'),
          target: 'node',
        });
      }
      seen.add(lower);
    }
  }
}

function withComment<T extends { readonly comment?: string | undefined }>({ comment, ...rest }: T) {
  return { ...rest, ...(comment !== undefined && { comment }) };
}
