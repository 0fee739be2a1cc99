import type { Observation } from '../model/observation.ts';
import type { Operation } from '../model/operation.ts';
import type { Target } from '../model/target.ts';
import { isFill, Secret, type Fill, type Scalar, type Value } from '../model/value.ts';
import { effectiveKeys } from './effective.ts';
import { parseProperties } from './property-string.ts';
import { parseDrive } from './qemu/drives.ts';
import { macOf as machineMacOf } from './qemu/nics.ts';

/**
 * The operation with its fills filled from the observation that its step decided on: `digest` of a
 * guest's config (`of` is its vmid), `volume` mounted at a container path or in a VM's slot, and `mac`
 * of a NIC key (`of` is the path, `scsi1` or `net0`; the guest is the operation's target). Throws where the observation
 * does not hold it: a step may only ask for what it saw.
 */
export function fillOperation(operation: Operation, observation: Observation): Operation {
  const fill = (value: Value): Value => fillValue(value, operation.target, observation);
  if (operation.op === 'pve') {
    return {
      ...operation,
      params: mapValues(operation.params, fill),
      ...(operation.positional && { positional: operation.positional.map(fill) }),
    };
  }
  if (operation.op === 'exec' && operation.env) {
    return { ...operation, env: mapValues(operation.env, fill) };
  }
  return operation;
}

function mapValues(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function fillValue(value: Value, target: Target, observation: Observation): Value {
  if (!isList(value)) return fillScalar(value, target, observation);
  const parts = value.map((part) => fillScalar(part, target, observation));
  return parts.some((part) => part instanceof Secret) ? parts : parts.map(String).join('');
}

function isList(value: Value): value is readonly Scalar[] {
  return Array.isArray(value);
}

function fillScalar(value: Scalar, target: Target, observation: Observation): Scalar {
  if (!isFill(value)) return value;
  const found = findFill(value, target, observation);
  if (found === undefined) {
    throw new Error(`The observation has no ${value.fill} of ${value.of} (target ${target}).`);
  }
  return found;
}

function findFill(fill: Fill, target: Target, observation: Observation): string | undefined {
  if (fill.fill === 'digest') return observation.guests.get(Number(fill.of))?.digest;
  const guest = target === 'node' ? undefined : observation.guests.get(target);
  if (!guest) return undefined;
  // What the guest has now, and what only waits for its next start.
  const [now, later] = [guest.config.head.keys, effectiveKeys(guest.config)];
  if (fill.fill === 'mac') {
    const macOf = guest.kind === 'vm' ? machineMacOf : containerMacOf;
    return macOf(now.get(fill.of)) ?? macOf(later.get(fill.of));
  }
  if (guest.kind === 'vm') return volumeIn(later.get(fill.of) ?? now.get(fill.of));
  return volumeAt(later, fill.of) ?? volumeAt(now, fill.of);
}

function containerMacOf(text: string | undefined): string | undefined {
  return parseProperties(text ?? '').get('hwaddr');
}

function volumeIn(drive: string | undefined): string | undefined {
  return drive === undefined ? undefined : parseDrive(drive).get('file');
}

function volumeAt(keys: ReadonlyMap<string, string>, path: string): string | undefined {
  for (const [key, text] of keys) {
    if (key !== 'rootfs' && !/^mp\d+$/.test(key)) continue;
    const mount = parseProperties(text, 'volume');
    if ((key === 'rootfs' ? '/' : mount.get('mp')) === path) return mount.get('volume');
  }
  return undefined;
}
