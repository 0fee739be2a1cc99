import type { Folder } from '../../../model/desired.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Needs } from '../../../model/node.ts';
import type { Observation } from '../../../model/observation.ts';
import { clusterFindings } from './cluster.ts';
import { firewallFindings } from './firewall.ts';
import { leftoverFindings } from './leftovers.ts';
import { machineFindings } from './machine.ts';
import { repositoryFindings } from './repositories.ts';
import { storageFindings } from './storages.ts';

/** What must be seen of a host to tell whether it is well. */
export const DOCTOR_NEEDS: Needs = {
  paths: [],
  volumesOf: [],
  files: ['/etc/hosts'],
  host: ['system', 'repositories', 'pools', 'drivers', 'health', 'network', 'firewall'],
};

/** What is not well with a host, the gravest first. Looks at one observation and changes nothing. */
export function diagnose(observation: Observation, folder: Folder): readonly Diagnostic[] {
  const findings = [
    ...clusterFindings(observation),
    ...storageFindings(observation),
    ...leftoverFindings(observation),
    ...firewallFindings(observation),
    ...machineFindings(observation, folder),
    ...repositoryFindings(observation),
  ];
  const order = ['error', 'warning', 'notice'];
  return findings.toSorted((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}
