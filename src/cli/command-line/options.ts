import { EFFECTS } from '../../model/change.ts';
import type { OperandSpec, OptionSpec } from '../verb.ts';

/** Options that every verb has. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'config',
    short: 'c',
    value: 'dir',
    completes: 'directory',
    summary: 'folder of configuration (default: $PHOENIX_CONFIG, ./, /etc/phoenix)',
  },
  { name: 'json', summary: 'results as JSON, progress as NDJSON' },
  { name: 'verbose', short: 'v', summary: 'show every command and its output' },
  { name: 'help', short: 'h', summary: 'show this help' },
];

/** Options of the verbs that talk to a node. */
export const NODE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'host',
    value: 'host',
    completes: 'host',
    summary: 'local, ssh://user@host, sandbox, twin or twin:FILE (default: local on a Proxmox host)',
  },
  {
    name: 'twin-fault',
    value: 'fault',
    isRepeatable: true,
    isHidden: true,
    summary: 'strike the twin at its n-th operation',
  },
  ...COMMON_OPTIONS,
];

const DRY_RUN: OptionSpec = { name: 'dry-run', short: 'n', summary: 'show what it would do and do nothing' };

const PLAIN: OptionSpec = { name: 'plain', summary: 'append-only lines, also on a terminal' };

/** Options of the verbs that change a node. */
export const CHANGE_OPTIONS: readonly OptionSpec[] = [
  DRY_RUN,
  { name: 'yes', short: 'y', summary: 'answer yes to "proceed?", and to nothing more' },
  {
    name: 'allow',
    value: 'effect',
    isRepeatable: true,
    choices: EFFECTS,
    summary: `consent to an effect: ${EFFECTS.filter((effect) => effect !== 'live').join(', ')}`,
  },
  { name: 'adopt', summary: 'take over guests with a declared id that are not marked as ours' },
  PLAIN,
  ...NODE_OPTIONS,
];

/** The option of the verbs that describe a VM's first boot. */
export const RESEED: OptionSpec = {
  name: 'reseed',
  summary: 'have cloud-init take the next boot of the VMs that are named for their first one',
};

/** Options of the verbs whose name is the consent: they change run states and nothing else. */
export const STATE_OPTIONS: readonly OptionSpec[] = [
  DRY_RUN,
  { name: 'yes', short: 'y', summary: 'answer yes to "proceed?"' },
  PLAIN,
  ...NODE_OPTIONS,
];

/** `[targets...]` or `<targets...>`. */
export function targetsOperand(shape: {
  readonly isRequired: boolean;
  readonly summary?: string;
}): OperandSpec {
  return {
    name: 'targets',
    summary: shape.summary ?? 'ids, names, all, lxc, vm, tag:NAME',
    isVariadic: true,
    isRequired: shape.isRequired,
    completes: 'target',
  };
}
