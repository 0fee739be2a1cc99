import type { ObservedFirewall, ObservedNetwork } from '../../model/observed-network.ts';
import { fieldsIn, linesIn } from './lines.ts';

/** What `ip` and `ss` told of the host's network. */
export function observedNetwork(host: ReadonlyMap<string, string>): ObservedNetwork {
  return {
    links: fieldsIn(host.get('links') ?? '').flatMap(([name]) => name ?? []),
    addresses: linesIn(host.get('addresses') ?? '').flatMap((line) => {
      const [, name, address] = /^\d+:\s+(\S+)\s+inet6?\s+(\S+)/.exec(line) ?? [];
      return name !== undefined && address !== undefined ? [{ interface: name, address }] : [];
    }),
    sessions: linesIn(host.get('sessions') ?? '').flatMap((line) => {
      const [own, peer] = line
        .split(/\s+/)
        .filter((word) => /:\d+$/.test(word))
        .map(endpoint);
      return own && peer ? [{ client: peer.address, address: own.address, port: own.port }] : [];
    }),
  };
}

/** The firewall's files, as the observation printed them. */
export function observedFirewall(files: ReadonlyMap<string, string>, nodeName: string): ObservedFirewall {
  const datacenter = files.get('/etc/pve/firewall/cluster.fw');
  const host = files.get(`/etc/pve/nodes/${nodeName}/host.fw`);
  return { ...(datacenter !== undefined && { datacenter }), ...(host !== undefined && { host }) };
}

/** `[::ffff:10.0.0.5]:22`, `10.0.0.5:22`, `[fe80::1%vmbr0]:22` */
function endpoint(text: string): { readonly address: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  const address = text
    .slice(0, at)
    .replaceAll(/[[\]]/g, '')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '');
  return { address, port: Number(text.slice(at + 1)) };
}
