import { mustRun } from './command.ts';
import { makeGroup } from './cgroup.ts';
import { UPLINK } from './holder.ts';
import { spawnPrefix } from './inside.ts';
import type { Layout } from './layout.ts';
import type { ExpectedBridge } from './needs.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Hands out addresses on the bridges whose guests ask for one by DHCP. */
export async function provideDhcp(
  holder: ProcessIdentity,
  layout: Layout,
  bridges: readonly ExpectedBridge[],
): Promise<void> {
  for (const { name, addresses, hasDhcpGuests } of bridges) {
    const own = addresses.find((address) => !address.includes(':')) ?? '10.99.0.1/24';
    const range = hasDhcpGuests ? dhcpRange(own) : undefined;
    if (range === undefined) continue;
    const group = await makeGroup(layout.cgroup, 'holder');
    const words = [name, `${range.join(',')},12h`, own.split('/')[0] ?? '', UPLINK.dns, group];
    await mustRun([...spawnPrefix(holder), 'sh', '-c', DHCP_SCRIPT, 'dhcp', ...words]);
  }
}

/** The last quarter of an IPv4 network; undefined where that is too small to share. */
export function dhcpRange(cidr: string): readonly [string, string] | undefined {
  const [address = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  if (size < 16) return undefined;
  const number = address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
  const network = Math.floor(number / size) * size;
  return [toAddress(network + (size * 3) / 4), toAddress(network + size - 2)];
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Arguments: bridge, range, router, resolver, control group. Does nothing where it runs already. */
const DHCP_SCRIPT = String.raw`
set -eu
pidfile=/run/phoenix-sandbox/dhcp-$1.pid
if [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null; then exit 0; fi
echo $$ >"$5"
exec dnsmasq --conf-file=/dev/null --user=root --port=0 --bind-interfaces --interface="$1" --dhcp-range="$2" \
  --dhcp-option=option:router,"$3" --dhcp-option=option:dns-server,"$4" --dhcp-authoritative --no-ping \
  --pid-file="$pidfile" --dhcp-leasefile="/run/phoenix-sandbox/dhcp-$1.leases"
`;
