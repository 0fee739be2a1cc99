import type { Findings } from '../diagnose.ts';
import type { Path } from '../parse/tree.ts';
import type { RawGuest } from '../raw-guest.ts';
import { addressNumber, canonicalIPv6, maskOf } from './ip.ts';

/** The addresses of a NIC as a guest of either kind declares them. */
export type Addresses = {
  readonly ip?: string | undefined;
  readonly gw?: string | undefined;
  readonly ip6?: string | undefined;
  readonly gw6?: string | undefined;
};

/** A gateway must be of use to the address that it stands beside. */
export function checkGateways(guest: RawGuest, nic: Addresses, path: Path, findings: Findings): void {
  checkIPv4(guest, nic, path, findings);
  checkIPv6(guest, nic, path, findings);
}

function checkIPv4(guest: RawGuest, nic: Addresses, path: Path, findings: Findings): void {
  const { ip, gw } = nic;
  const target = guest.vmid;
  if (!ip?.includes('/')) {
    if (gw === undefined) return;
    findings.add('gateway-unused', {
      summary: 'A gateway without a static address has no effect',
      detail: ip === 'dhcp' ? 'DHCP gives the gateway.' : 'There is no address that it could belong to.',
      remedy: 'Remove gw, or set ip to an address such as 10.0.0.5/24.',
      position: guest.keyAt(...path, 'gw'),
      target,
    });
    return;
  }
  const [address = '', prefixText = '32'] = ip.split('/');
  const [number, prefix] = [addressNumber(address), Number(prefixText)];
  const mask = maskOf(prefix);
  const hostPart = (number & ~mask) >>> 0;
  if (prefix < 31 && (hostPart === 0 || hostPart === ~mask >>> 0)) {
    findings.add('address-not-a-host', {
      summary:
        hostPart === 0 ? "An address is its subnet's own" : "An address is its subnet's broadcast address",
      position: guest.at(...path, 'ip'),
      target,
    });
  }
  if (gw === undefined) return;
  const position = guest.at(...path, 'gw');
  if (gw === address) {
    findings.add('gateway-is-address', { summary: "A gateway is the guest's own address", position, target });
  } else if (((addressNumber(gw) ^ number) & mask) !== 0) {
    findings.add('gateway-outside-subnet', {
      summary: 'A gateway is not in the subnet of its address',
      detail: `${gw} is not in ${ip}.`,
      remedy: 'Correct gw, or the prefix length of ip.',
      position,
      target,
    });
  }
}

/** It may lie outside the subnet: link-local ones do. */
function checkIPv6(guest: RawGuest, { ip6, gw6 }: Addresses, path: Path, findings: Findings): void {
  if (gw6 === undefined) return;
  const target = guest.vmid;
  const gateway = canonicalIPv6(gw6);
  if (gateway === undefined) {
    findings.add('bad-format', {
      summary: 'gw6 is no IPv6 address',
      remedy: 'Write it as fd00::1.',
      position: guest.at(...path, 'gw6'),
      target,
    });
  } else if (!ip6?.includes('/')) {
    findings.add('gateway-unused', {
      summary: 'A gateway without a static address has no effect',
      detail:
        ip6 === undefined ? 'There is no address that it could belong to.' : 'The network gives the gateway.',
      remedy: 'Remove gw6, or set ip6 to an address such as fd00::5/64.',
      position: guest.keyAt(...path, 'gw6'),
      target,
    });
  } else if (gateway === canonicalIPv6(ip6.split('/')[0] ?? '')) {
    findings.add('gateway-is-address', {
      summary: "A gateway is the guest's own address",
      position: guest.at(...path, 'gw6'),
      target,
    });
  }
}
