import type { Parameters } from '../call/command.ts';
import type { Session } from '../call/session.ts';
import type { Section } from '../container/config.ts';
import { emptyMachine, type MachineConfig } from '../machine/config.ts';
import type { Drive } from '../machine/drives.ts';
import { completeMachineNic, printMachineNic } from '../machine/nics.ts';
import { newUuid, withNewUuid } from '../machine/uuids.ts';
import type { StorageConfig } from '../storage/config.ts';

/** What is cloned, and how. */
export type ClonePlan = {
  readonly storages: StorageConfig;
  readonly isFull: boolean;
  readonly isRunning: boolean;
  readonly source: MachineConfig;
  readonly section: Section;
  readonly drives: readonly { readonly drive: Drive; readonly isFull: boolean }[];
};

/** A clone's settings: the source's with new MACs and ids, and without what belongs to the source alone. */
export async function cloneConfig(
  session: Session,
  parameters: Parameters,
  { source, section, drives }: ClonePlan,
): Promise<MachineConfig> {
  const keys = new Map<string, string>();
  const isCopied = new Set(drives.map(({ drive }) => drive.key));
  for (const [key, value] of section.keys) {
    if (/^unused\d+$/.test(key) || LEFT_OUT.has(key) || isCopied.has(key)) continue;
    keys.set(
      key,
      /^net\d+$/.test(key) ? printMachineNic(await completeMachineNic(session, value, true)) : value,
    );
  }
  keys.set('lock', 'clone');
  keys.set('smbios1', withNewUuid(session, keys.get('smbios1')));
  if (keys.has('vmgenid')) keys.set('vmgenid', newUuid(session));
  const name = section.keys.get('name') ?? String(parameters.vmid);
  keys.set('name', parameters.text('name') || `Copy-of-VM-${name}`);
  const description = parameters.text('description');
  if (description) keys.set('description', description);
  const isCurrent = section === source.head;
  return {
    ...emptyMachine(),
    head: { keys, raw: [] },
    ...(isCurrent && { pending: source.pending, cloudInit: source.cloudInit }),
  };
}

const LEFT_OUT = new Set([
  'parent',
  'snaptime',
  'vmstate',
  'snapstate',
  'runningcpu',
  'runningmachine',
  'template',
]);
