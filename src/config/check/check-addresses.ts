import type { Position } from '../../model/diagnostic.ts';
import type { Target } from '../../model/target.ts';
import type { Findings } from '../diagnose.ts';
import { nicEntries } from '../normalise/nics.ts';
import { vmNicEntries } from '../normalise/vm-nics.ts';
import type { RawContainer, RawGuest, RawVm } from '../raw-guest.ts';
import type { Path } from '../parse/tree.ts';
import { type Addresses, checkGateways } from './check-gateways.ts';
import type { FolderCheck } from './folder-check.ts';
import { canonicalIPv6 } from './ip.ts';

/** Addresses, gateways and MAC addresses of all guests and of the node. */
export function checkAddresses(check: FolderCheck): void {
  const addresses = new Map<string, Use>();
  const macs = new Map<string, Use>();
  for (const use of nodeAddresses(check)) claim(addresses, use, 'ip', check.findings);
  for (const guest of check.guests.values()) {
    const target = guest.vmid;
    const interfaces = interfacesOf(guest);
    for (const { nic, path, mac } of interfaces) {
      checkGateways(guest, nic, path, check.findings);
      const ip = nic.ip?.includes('/') ? nic.ip.split('/')[0] : undefined;
      const at = (key: string) => () => guest.at(...path, key);
      if (ip !== undefined) claim(addresses, { value: ip, at: at('ip'), target }, 'ip', check.findings);
      const ip6 = readIPv6(guest, nic.ip6, [...path, 'ip6'], check.findings);
      if (ip6 !== undefined) claim(addresses, { value: ip6, at: at('ip6'), target }, 'ip', check.findings);
      if (mac === undefined) continue;
      const use = { value: mac.value.toUpperCase(), at: () => guest.at(...mac.path), target };
      claim(macs, use, 'mac', check.findings);
    }
    const outer = guest.kind === 'lxc' ? guest.config.mac_address?.toUpperCase() : undefined;
    // The same MAC in both of one NIC's keys is no clash.
    if (outer === undefined || outer === interfaces[0]?.mac?.value.toUpperCase()) continue;
    claim(macs, { value: outer, at: () => guest.at('mac_address'), target }, 'mac', check.findings);
  }
}

type Use = { readonly value: string; readonly at: () => Position; readonly target: Target };
type Interface = {
  readonly nic: Addresses;
  readonly path: Path;
  /** Its own MAC address and where that stands. */
  readonly mac?: { readonly value: string; readonly path: Path };
};

function interfacesOf(guest: RawGuest): readonly Interface[] {
  if (guest.kind === 'vm') {
    return vmNicEntries(guest as RawVm).map(({ nic, path, macPath }) => {
      const { mac_address: value } = nic;
      return { nic, path, ...(value !== undefined && { mac: { value, path: macPath } }) };
    });
  }
  return nicEntries(guest as RawContainer).map(({ nic, path }) => {
    const { hwaddr: value } = nic;
    return { nic, path, ...(value !== undefined && { mac: { value, path: [...path, 'hwaddr'] } }) };
  });
}

function claim(uses: Map<string, Use>, use: Use, what: 'ip' | 'mac', findings: Findings): void {
  const earlier = uses.get(use.value);
  if (!earlier) {
    uses.set(use.value, use);
    return;
  }
  const place = earlier.at();
  const owner = earlier.target === 'node' ? 'The node' : `Guest ${earlier.target}`;
  findings.add(what === 'ip' ? 'duplicate-ip' : 'duplicate-mac', {
    summary: what === 'ip' ? 'An address is used twice' : 'A MAC address is used twice',
    detail: `${owner} has ${use.value} already (${place.file}:${place.line}).`,
    position: use.at(),
    target: use.target,
  });
}

function* nodeAddresses({ hypervisor }: FolderCheck): Generator<Use> {
  for (const { address, address6, position } of hypervisor.desired.network?.interfaces ?? []) {
    for (const value of [address, address6 && canonicalAddress(address6)]) {
      if (value?.includes('/'))
        yield { value: value.split('/')[0] ?? '', at: () => position, target: 'node' };
    }
  }
}

function canonicalAddress(address: string): string | undefined {
  const [text = '', prefix] = address.split('/');
  const canonical = canonicalIPv6(text);
  return canonical === undefined || prefix === undefined ? undefined : `${canonical}/${prefix}`;
}

function readIPv6(
  guest: RawGuest,
  ip6: string | undefined,
  path: Path,
  findings: Findings,
): string | undefined {
  if (!ip6?.includes('/')) return undefined;
  const canonical = canonicalIPv6(ip6.split('/')[0] ?? '');
  if (canonical === undefined) {
    findings.add('bad-format', {
      summary: `${path.at(-1)} is no IPv6 address`,
      remedy: 'Write it as fd00::5/64.',
      position: guest.at(...path),
      target: guest.vmid,
    });
  }
  return canonical;
}
