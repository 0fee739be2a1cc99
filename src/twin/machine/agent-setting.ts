import { FORMATS } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';

/** The sub-keys of a VM's `agent` setting; none where it is not set. */
export function agentFields(text: string | undefined): ReadonlyMap<string, string> {
  return text === undefined ? new Map() : parseFields(FORMATS['agent'] ?? {}, text);
}

/** Does the setting give the VM a channel for an agent? */
export function hasAgentChannel(text: string | undefined): boolean {
  return agentFields(text).get('enabled') === '1';
}
