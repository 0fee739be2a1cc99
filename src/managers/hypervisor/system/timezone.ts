import type { HostInput, Part } from '../part.ts';
import { system } from './operations.ts';

/** The node's timezone. */
export function timezone({ desired, observed }: HostInput): Part {
  const found = observed.node.host?.system?.timezone;
  if (desired.timezone === undefined || same(desired.timezone) === same(found ?? '')) return {};
  return {
    changes: [system.change('timezone', found, desired.timezone)],
    operations: [system.run(['timezone'], ['timedatectl', 'set-timezone', desired.timezone])],
  };
}

/** Coordinated universal time has many names, and an installer may link any of them. */
function same(name: string): string {
  return /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu)$/.test(name) ? 'Etc/UTC' : name;
}
