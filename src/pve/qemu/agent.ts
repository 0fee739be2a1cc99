import { parseBoolean } from '../property-string.ts';
import { partsOfKey } from './same-value.ts';

/** Does this `agent` setting give the VM a channel for a guest agent? */
export function isAgentOn(agent: string | undefined): boolean {
  return parseBoolean(partsOfKey('agent', agent).get('enabled') ?? '0') === true;
}
