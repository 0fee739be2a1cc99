import type { DesiredHostFirewall } from '../../model/desired-host-firewall.ts';
import { readSwitchState, stagedPath, switchStatePath, switchToken } from '../../pve/host/dead-man.ts';
import {
  editFirewall,
  entriesOf,
  presentEntries,
  type FirewallDifference,
  type WantedFirewall,
} from '../../pve/host/edit-firewall.ts';
import { firewallFindings, type FirewallTexts } from './firewall/findings.ts';
import { wantedDatacenter, wantedHost } from './firewall/wanted-firewall.ts';
import { finding, hostOperations } from './operations.ts';
import { answerOf, recordOf, type HostInput, type HostStep, type Part } from './part.ts';
import { behindSwitch, openSwitch, takenBack } from './switch/behind-switch.ts';

const STEP = 'setup_firewall';

/**
 * Proxmox's firewall of the datacenter and of this host, each file in one write and behind the dead-man
 * switch. Guests' rules are the guests' own. What is switched on or off needs consent; rules do not.
 */
export const setupFirewall: HostStep = {
  name: STEP,
  needs: (desired) =>
    desired.firewall ? { host: ['network', 'firewall'], files: [switchStatePath('firewall')] } : {},
  plan: (input) => {
    const { firewall } = input.desired;
    if (!firewall) return answerOf(input, STEP, []);
    if (!input.observed.node.hasProxmox) return answerOf(input, STEP, [{ diagnostics: [NO_PROXMOX] }]);
    const state = readSwitchState(input.observed.node.files?.get(switchStatePath('firewall')));
    const open = openSwitch(STEP, 'firewall', state, firewall.confirmWithinSeconds);
    if (open) return answerOf(input, STEP, [open]);
    const part = firewallPart(input, firewall);
    const said = (part.changes ?? []).length > 0 ? takenBack('firewall', state) : [];
    return answerOf(input, STEP, [{ ...part, diagnostics: [...(part.diagnostics ?? []), ...said] }]);
  },
};

function firewallPart(input: HostInput, desired: DesiredHostFirewall): Part {
  const { datacenter = '', host = '' } = input.observed.node.host?.firewall ?? {};
  const before: FirewallTexts = { datacenter, host };
  const wanted: Wanted = { datacenter: wantedDatacenter(desired), host: wantedHost(desired) };
  const whole = editBoth(input, before, wanted);
  if (whole.differences.length === 0) return {};
  const { change } = hostOperations(STEP);
  const changes = whole.differences.map((one) =>
    change(one.attribute, one.before, one.after, one.isOption ? 'interrupts-network' : 'live'),
  );
  // Without consent the rules come into their places, and nothing is switched.
  const mayAll = input.consent.allows('interrupts-network', 'node');
  const next = mayAll ? whole : editBoth(input, before, withoutOptions(wanted));
  const findings = firewallFindings(input, desired, { before, after: next.after });
  const isRefused = findings.some(({ severity }) => severity === 'error');
  if (isRefused || next.differences.length === 0) return { changes, diagnostics: findings };
  const made = (['datacenter', 'host'] as const).flatMap((level) => {
    const present = presentEntries(before[level]);
    return entriesOf(wanted[level])
      .filter((entry) => !present.has(entry))
      .map((entry) => `${level} ${entry}`);
  });
  return {
    changes,
    diagnostics: findings,
    makes: { firewallEntries: made },
    operations: behindSwitch(STEP, {
      name: 'firewall',
      changes: next.differences.map(({ attribute }) => attribute),
      token: switchToken([
        'firewall',
        before.datacenter,
        before.host,
        next.after.datacenter,
        next.after.host,
      ]),
      seconds: desired.confirmWithinSeconds,
      files: filesOf(input, before, next.after),
      checks: [],
      addresses: [],
      gateway: undefined,
    }),
  };
}

type Level = 'datacenter' | 'host';
type Wanted = Readonly<Record<Level, WantedFirewall>>;

function editBoth(
  input: HostInput,
  before: FirewallTexts,
  wanted: Wanted,
): { readonly after: FirewallTexts; readonly differences: readonly FirewallDifference[] } {
  const edit = (level: Level) => {
    const ours = recordOf(input).firewallEntries.flatMap((entry) =>
      entry.startsWith(`${level} `) ? [entry.slice(level.length + 1)] : [],
    );
    const { text, differences } = editFirewall(before[level], wanted[level], new Set(ours));
    return {
      text,
      differences: differences.map((one) => ({ ...one, attribute: `${level} ${one.attribute}` })),
    };
  };
  const [datacenter, host] = [edit('datacenter'), edit('host')];
  return {
    after: { datacenter: datacenter.text, host: host.text },
    differences: [...datacenter.differences, ...host.differences],
  };
}

function withoutOptions({ datacenter, host }: Wanted): Wanted {
  return { datacenter: { ...datacenter, options: [] }, host: { ...host, options: [] } };
}

function filesOf({ observed }: HostInput, before: FirewallTexts, after: FirewallTexts) {
  const all = [
    { level: 'datacenter', target: '/etc/pve/firewall/cluster.fw' },
    { level: 'host', target: `/etc/pve/nodes/${observed.node.nodeName}/host.fw` },
  ] as const;
  return all
    .filter(({ level }) => before[level] !== after[level])
    .map(({ level, target }) => ({
      target,
      staged: stagedPath('firewall', `${level}.fw`),
      content: after[level],
    }));
}

const NO_PROXMOX = finding('warning', 'firewall-needs-proxmox', {
  summary: 'The firewall is skipped: this host has no Proxmox VE',
  detail: "Its rules are Proxmox's own, which nothing here would read.",
});
