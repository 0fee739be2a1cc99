import type { DesiredHostFirewall, DesiredLevelRule } from '../../../model/desired-host-firewall.ts';
import type { WantedFirewall, WantedList } from '../../../pve/host/edit-firewall.ts';
import { keyOf } from '../../../pve/host/edit-firewall.ts';
import { normalizeRule, printFirewallRule } from '../../../pve/firewall-file.ts';

/** What `cluster.fw` must say. Rules of guests stand in the guests' own files and never here. */
export function wantedDatacenter(desired: DesiredHostFirewall): WantedFirewall {
  const { datacenter, aliases, ipSets, groups } = desired;
  const { enabled, inputPolicy, outputPolicy } = datacenter;
  const lists: readonly WantedList[] = [
    ...(aliases.length === 0
      ? []
      : [
          listOf(
            'ALIASES',
            aliases.map(({ name, address, comment }) => withComment(`${name} ${address}`, comment)),
          ),
        ]),
    ...ipSets.map(({ name, entries, comment }) => listOf(`IPSET ${name}`, entries, comment)),
    ...groups.map(({ name, rules, comment }) => ({
      ...listOf(`group ${name}`, rules.map(lineOf), comment),
      isOrdered: true,
    })),
  ];
  return {
    options: [
      ...(enabled === undefined ? [] : [['enable', enabled ? '1' : '0'] as const]),
      ...(inputPolicy === undefined ? [] : [['policy_in', inputPolicy] as const]),
      ...(outputPolicy === undefined ? [] : [['policy_out', outputPolicy] as const]),
    ],
    lists,
    rules: linesOf(datacenter.rules),
  };
}

/** What this host's `host.fw` must say. */
export function wantedHost({ host }: DesiredHostFirewall): WantedFirewall {
  return {
    options: host?.enabled === undefined ? [] : [['enable', host.enabled ? '1' : '0']],
    lists: [],
    rules: linesOf(host?.rules ?? []),
  };
}

function listOf(section: string, lines: readonly string[], comment?: string): WantedList {
  return {
    section,
    isOrdered: false,
    entries: lines.map((line) => ({ key: keyOf(section, line), line })),
    ...(comment !== undefined && { comment }),
  };
}

function linesOf(rules: readonly DesiredLevelRule[]): readonly string[] {
  return [...new Set(rules.map(lineOf))];
}

function lineOf(rule: DesiredLevelRule): string {
  if (rule.type !== 'group') return normalizeRule(printFirewallRule(rule));
  const place = rule.iface === undefined ? '' : ` -i ${rule.iface}`;
  return normalizeRule(withComment(`GROUP ${rule.group}${place}`, rule.comment));
}

function withComment(line: string, comment: string | undefined): string {
  return comment === undefined || comment.trim() === '' ? line : `${line} # ${comment}`;
}
