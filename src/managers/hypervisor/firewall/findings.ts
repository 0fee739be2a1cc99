import type { DesiredHostFirewall, DesiredLevelRule } from '../../../model/desired-host-firewall.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import { parseFirewallFile } from '../../../pve/firewall-file.ts';
import { isAddress } from '../../../pve/host/address.ts';
import { letsIn } from '../../../pve/host/firewall-verdict.ts';
import { finding } from '../operations.ts';
import type { HostInput } from '../part.ts';

export type FirewallTexts = { readonly datacenter: string; readonly host: string };

/** What speaks against the firewall that the folder wants. Each error keeps all of it from being made. */
export function firewallFindings(
  input: HostInput,
  desired: DesiredHostFirewall,
  { before, after }: { readonly before: FirewallTexts; readonly after: FirewallTexts },
): readonly Diagnostic[] {
  return [...unknownNames(desired, after), ...cutOff(input, desired, { before, after })];
}

/** Connections that are open now and could not be made again. */
function cutOff(
  { observed }: HostInput,
  { position }: DesiredHostFirewall,
  { before, after }: { readonly before: FirewallTexts; readonly after: FirewallTexts },
): readonly Diagnostic[] {
  const network = observed.node.host?.network;
  const lost = (network?.sessions ?? []).filter((session) => {
    const own = network?.addresses.find(({ address }) => address.split('/')[0] === session.address);
    const connection = { ...session, network: own?.address ?? `${session.address}/32` };
    return (
      !letsIn(after.datacenter, after.host, connection) && letsIn(before.datacenter, before.host, connection)
    );
  });
  const clientsAt = (port: number): readonly string[] => [
    ...new Set(lost.filter((session) => session.port === port).map(({ client }) => client)),
  ];
  const [ssh, web] = [clientsAt(22), clientsAt(8006)];
  return [
    ...(ssh.length === 0 ? [] : [{ ...wouldCutOff(ssh), position }]),
    ...(web.length === 0 ? [] : [{ ...wouldHideWeb(web), position }]),
  ];
}

function wouldCutOff(clients: readonly string[]): Diagnostic {
  return finding('error', 'firewall-would-cut-off', {
    summary: 'The firewall would cut off the connection in use',
    detail: `${clients.join(', ')} is connected to the host by SSH now, and the new rules would not let it in again.`,
    remedy: `Let it in:\n    "firewall": { "ip_sets": [{ "name": "management", "entries": ["${clients[0]}"] }] }`,
  });
}

function wouldHideWeb(clients: readonly string[]): Diagnostic {
  return finding('warning', 'firewall-hides-web', {
    summary: 'The firewall will keep somebody from the web interface',
    detail: `${clients.join(', ')} uses port 8006 now, and the new rules do not let it in again.`,
  });
}

/** Proxmox leaves out a rule that names something unknown, and says so only in its log. */
function unknownNames(desired: DesiredHostFirewall, after: FirewallTexts): readonly Diagnostic[] {
  const sections = parseFirewallFile(after.datacenter);
  const known = new Set([
    'local_network',
    ...sections.map(({ name }) => name.toLowerCase().replace(/^ipset /, '+')),
    ...sections
      .filter(({ name }) => name.toLowerCase() === 'aliases')
      .flatMap(({ lines }) => lines.map((line) => (line.trim().split(/\s+/)[0] ?? '').toLowerCase())),
  ]);
  const rules = [
    ...desired.datacenter.rules,
    ...(desired.host?.rules ?? []),
    ...desired.groups.flatMap((group) => group.rules),
  ];
  const missing = [...new Set(rules.flatMap(namesIn))].filter((name) => !known.has(name.toLowerCase()));
  if (missing.length === 0) return [];
  return [
    {
      ...finding('error', 'unknown-firewall-name', {
        summary: 'A firewall rule names something that does not exist',
        detail: `${missing.map(describeName).join(', ')}: Proxmox would leave the rule out.`,
        remedy: 'Correct the name, or add it under aliases, ip_sets or security_groups of "firewall".',
      }),
      position: desired.position,
    },
  ];
}

/** `office`, `+management`, `group web` as the firewall's sections name them. */
function namesIn(rule: DesiredLevelRule): readonly string[] {
  if (rule.type === 'group') return [`group ${rule.group}`];
  return [rule.source, rule.dest]
    .flatMap((place) => place?.split(',') ?? [])
    .map((part) => part.replace(/^(\+?)dc\//, '$1'))
    .filter((part) => part !== '' && !part.includes('/') && !isAddress(part));
}

function describeName(name: string): string {
  if (name.startsWith('group ')) return name;
  return name.startsWith('+') ? `IP set ${name.slice(1)}` : `alias ${name}`;
}
