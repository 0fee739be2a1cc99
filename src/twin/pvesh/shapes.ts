import type { CommandShape, Parameter } from '../call/parameters.ts';

const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'];

/** How `pvesh` prints what it got; every call has these. */
const OUTPUT: Readonly<Record<string, Parameter>> = {
  'output-format': { enum: ['text', 'json', 'json-pretty', 'yaml'] },
  'human-readable': { type: 'boolean' },
  noborder: { type: 'boolean' },
  noheader: { type: 'boolean' },
  noproxy: { type: 'boolean' },
  quiet: { type: 'boolean' },
};

const RULE: Readonly<Record<string, Parameter>> = {
  action: { minLength: 2, maxLength: 20, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  type: { enum: ['in', 'out', 'forward', 'group'] },
  comment: {},
  dest: { format: 'pve-fw-addr-spec', maxLength: 512 },
  dport: { format: 'pve-fw-dport-spec' },
  enable: { type: 'integer', minimum: 0 },
  'icmp-type': {},
  iface: { minLength: 2, maxLength: 20 },
  log: { enum: LOG_LEVELS },
  macro: { maxLength: 128 },
  proto: { format: 'pve-fw-protocol-spec' },
  source: { format: 'pve-fw-addr-spec', maxLength: 512 },
  sport: { format: 'pve-fw-sport-spec' },
};

/** The properties of a rule that a call may set. */
export const RULE_NAMES: readonly string[] = Object.keys(RULE).filter((name) => name !== 'enable');

const POLICY = { enum: ['ACCEPT', 'REJECT', 'DROP'] };

/** A guest's firewall options, as the API names them. */
export const OPTIONS: Readonly<Record<string, Parameter>> = {
  dhcp: { type: 'boolean' },
  enable: { type: 'boolean' },
  ipfilter: { type: 'boolean' },
  log_level_in: { enum: LOG_LEVELS },
  log_level_out: { enum: LOG_LEVELS },
  macfilter: { type: 'boolean' },
  ndp: { type: 'boolean' },
  policy_in: POLICY,
  policy_out: POLICY,
  radv: { type: 'boolean' },
};

const DIGEST = { maxLength: 64 };
const DELETE = { format: 'pve-configid-list' };
const POSITION = { type: 'integer', minimum: 0 };

/** A call that only asks. */
export const GET: CommandShape = shape({});

export const CREATE_RULE: CommandShape = shape({
  ...RULE,
  action: { ...RULE['action'], required: true },
  type: { ...RULE['type'], required: true },
  pos: POSITION,
  digest: DIGEST,
});

export const SET_RULE: CommandShape = shape({ ...RULE, moveto: POSITION, delete: DELETE, digest: DIGEST });

export const DELETE_RULE: CommandShape = shape({ digest: DIGEST });

export const SET_OPTIONS: CommandShape = shape({ ...OPTIONS, delete: DELETE, digest: DIGEST });

function shape(parameters: Readonly<Record<string, Parameter>>): CommandShape {
  return { arguments: [], parameters: { ...parameters, ...OUTPUT } };
}
