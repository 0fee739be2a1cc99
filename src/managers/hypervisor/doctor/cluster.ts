import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation } from '../../../model/observation.ts';
import { finding } from './finding.ts';

/** Quorum, and the name that Proxmox's file system rests on. */
export function clusterFindings({ host, files, nodeName }: Observation): readonly Diagnostic[] {
  const hosts = files?.get('/etc/hosts') ?? '';
  const isLoopback = hosts.split('\n').some((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return /^127\.|^::1$/.test(address) && names.includes(nodeName);
  });
  return [
    ...(host?.health?.isQuorate === false ? [NO_QUORUM] : []),
    ...(isLoopback ? [loopback(nodeName)] : []),
  ];
}

const NO_QUORUM = finding('error', 'no-quorum', {
  summary: 'The cluster has no quorum: nothing under /etc/pve can be changed',
  detail: 'No guest can be made, started or configured until more nodes answer.',
  remedy: 'Bring the other nodes back, and look at what corosync sees:\n    pvecm status',
});

function loopback(nodeName: string): Diagnostic {
  return finding('error', 'name-is-loopback', {
    summary: `The host's name leads to itself only: /etc/hosts maps ${nodeName} to a loopback address`,
    detail: 'Proxmox’s cluster file system does not start where the name has no other address.',
    remedy: `Let /etc/hosts map ${nodeName} to the host's own address.`,
  });
}
