import type { DesiredVm, Folder } from '../../../model/desired.ts';
import { withOwnerLine } from '../../../pve/notes.ts';
import { isAgentOn } from '../../../pve/qemu/agent.ts';
import { layOver, partsOfKey } from '../../../pve/qemu/same-value.ts';
import { normalizeTags } from '../../../pve/same-value.ts';

/**
 * What a key shall be where it is `current` now: what the folder says, laid over what is there.
 * Undefined: it shall not be set.
 */
export type WantedKey = (current: string | undefined) => string | undefined;

/**
 * The single-valued keys that the folder is about, `description` with our owner line included; `notes`
 * are the guest's own where the folder has none.
 */
export function wantedKeys(
  desired: DesiredVm,
  folder: Folder,
  notes?: string,
): ReadonlyMap<string, WantedKey> {
  const { startup, cpuType, machine, serialConsole, bootOrder } = desired;
  const wanted: readonly (readonly [string, WantedKey | undefined])[] = [
    ['name', exactly(desired.name)],
    ['memory', exactly(desired.memoryMiB)],
    ['cores', exactly(desired.cores)],
    ['sockets', exactly(desired.sockets)],
    ['cpu', cpuType === undefined ? undefined : over('cpu', cpuType)],
    ['ostype', exactly(desired.osType)],
    ['machine', machine === undefined ? undefined : over('machine', machine)],
    ['bios', exactly(desired.bios)],
    ['agent', desired.agent ? agentOn : agentOff],
    ['serial0', serialConsole === undefined ? undefined : serialConsole ? serialOn : serialOff],
    ['vga', serialConsole === undefined ? undefined : serialConsole ? screenOnSerial : screenOffSerial],
    ['boot', bootOrder && exactly(`order=${bootOrder.join(';')}`)],
    ['onboot', exactly(desired.startAtBoot)],
    ['startup', startup && exactly(startupText(startup))],
    ['tags', desired.tags && exactly(normalizeTags(desired.tags.join(';')))],
    ['protection', exactly(desired.protection)],
    ['description', exactly(withOwnerLine(desired.notes ?? notes, folder.folderId, desired.vmid))],
  ];
  return new Map(wanted.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

/** These keys as a VM that is about to be made gets them, as Proxmox spells them. */
export function newKeys(desired: DesiredVm, folder: Folder): ReadonlyMap<string, string> {
  return new Map(
    [...wantedKeys(desired, folder)].flatMap(([key, wanted]) => {
      const value = wanted(undefined);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** An empty text means that the key shall not be set. */
function exactly(value: string | number | boolean | undefined): WantedKey | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  return () => (text === '' ? undefined : text);
}

function over(key: string, value: string): WantedKey {
  return (current) => layOver(key, current, partsOfKey(key, value));
}

function agentOn(current: string | undefined): string | undefined {
  return isAgentOn(current) ? current : layOver('agent', current, new Map([['enabled', '1']]));
}

function agentOff(current: string | undefined): string | undefined {
  return isAgentOn(current) ? layOver('agent', current, new Map([['enabled', '0']])) : current;
}

/** A device of the node that somebody put there serves as well. */
function serialOn(current: string | undefined): string {
  return current ?? 'socket';
}

function serialOff(current: string | undefined): string | undefined {
  return current === 'socket' ? undefined : current;
}

function screenOnSerial(current: string | undefined): string {
  return layOver('vga', current, new Map([['type', 'serial0']]));
}

function screenOffSerial(current: string | undefined): string | undefined {
  return partsOfKey('vga', current).get('type') === 'serial0' ? undefined : current;
}

function startupText(startup: NonNullable<DesiredVm['startup']>): string {
  return Object.entries(startup)
    .filter(([, value]) => value !== undefined)
    .map(([part, value]) => `${part}=${value}`)
    .join(',');
}
