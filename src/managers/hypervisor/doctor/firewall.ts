import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation } from '../../../model/observation.ts';
import { parseFirewallFile } from '../../../pve/firewall-file.ts';
import { finding } from './finding.ts';

/** A firewall that is on in one place and off in another protects nobody, and looks as if it did. */
export function firewallFindings({ host, guests, nodeName, hasProxmox }: Observation): readonly Diagnostic[] {
  if (!hasProxmox || host?.firewall === undefined) return [];
  const isOn = isEnabled(host.firewall.datacenter);
  const own = [...guests.values()].filter(({ node }) => node === nodeName);
  const ids = (matching: typeof own): string => matching.map(({ vmid }) => vmid).join(', ');
  const unfiltered = own.filter(
    ({ firewall, config }) =>
      isEnabled(firewall) &&
      ![...config.head.keys].some(
        ([key, value]) => /^net\d+$/.test(key) && /(?:^|,)firewall=1(?:,|$)/.test(value),
      ),
  );
  const waiting = own.filter(({ firewall }) => isEnabled(firewall));
  return [
    ...(isOn && host.health?.isFirewallRunning === false ? [NOT_RUNNING] : []),
    ...(!isOn && waiting.length > 0 ? [onlyInGuests(ids(waiting))] : []),
    ...(unfiltered.length > 0 ? [withoutNics(ids(unfiltered))] : []),
  ];
}

function isEnabled(text: string | undefined): boolean {
  const options = parseFirewallFile(text ?? '').filter(({ name }) => name.toLowerCase() === 'options');
  return options.some(({ lines }) => lines.some((line) => /^\s*enable:\s*1\s*$/.test(line)));
}

const NOT_RUNNING = finding('error', 'firewall-not-running', {
  summary: 'The firewall is enabled in the datacenter, and its service does not run: nothing is filtered',
  remedy: 'Start it, and look at what it says:\n    systemctl start pve-firewall\n    pve-firewall status',
});

function onlyInGuests(ids: string): Diagnostic {
  return finding('warning', 'firewall-half-on', {
    summary: 'Guests have the firewall on, and the datacenter has it off: nothing is filtered',
    detail: `Guests: ${ids}`,
    remedy:
      'Turn it on for the datacenter ("firewall": { "enabled": true }). It then blocks everything to the host but\n' +
      'SSH and the web interface from its own network: read what setup would do first.\n    phoenix setup firewall --dry-run',
  });
}

function withoutNics(ids: string): Diagnostic {
  return finding('warning', 'firewall-without-nic', {
    summary: 'Guests have the firewall on, and none of their NICs passes through it',
    detail: `Guests: ${ids}`,
    remedy: 'Give a NIC "firewall": true, or converge the guest:\n    phoenix converge ID',
  });
}
