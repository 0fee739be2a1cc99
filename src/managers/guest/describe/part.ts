import type { ObservedGuest } from '../../../model/observation.ts';
import { parseBoolean, parseProperties } from '../../../pve/property-string.ts';

/** A part of a description: keys of the folder, and what they can't say. */
export type Part = {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
};

/** The keys that have a value. */
export function definedOnly(keys: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** Groups with what has a value, without those that have nothing. */
export function groupsOf(
  groups: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  return groups.map(definedOnly).filter((group) => Object.keys(group).length > 0);
}

/** The number that a text is; undefined for an absent one. */
export function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** The boolean that a text is; undefined for an absent one. */
export function flag(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : parseBoolean(text);
}

/** A number that the folder may say only within limits. */
export function limited(
  key: string,
  text: string | undefined,
  said: { readonly as: string; readonly least: number; readonly most: number },
): Part {
  const value = number(text);
  if (value === undefined) return { keys: {}, remarks: [] };
  const isWithin = Number.isInteger(value) && value >= said.least && value <= said.most;
  return isWithin
    ? { keys: { [said.as]: value }, remarks: [] }
    : { keys: {}, remarks: [`${key} ${text}: outside what a folder may say; it stays as it is`] };
}

/** Proxmox's `startup`. */
export function describeStartup(text: string | undefined): Part {
  if (text === undefined) return { keys: {}, remarks: [] };
  const parts = parseProperties(text, 'order');
  const [up, down] = [parts.get('up'), parts.get('down')];
  const isOne = up === down;
  return {
    keys: { boot_order: number(parts.get('order')), boot_delay: isOne ? number(up) : undefined },
    remarks: isOne
      ? []
      : [`startup ${text}: boot_delay means the same for up and down; both stay as they are`],
  };
}

/** A stopped guest is not to be started by being looked after; a template can't be. */
export function staysStopped({ running, config }: ObservedGuest): true | undefined {
  return running || config.head.keys.get('template') === '1' ? undefined : true;
}

/** A remark on a setting that no key of the folder can say. */
export function unsaid(setting: string): string {
  return `${setting}: no key says it; it stays as it is`;
}

/** Remarks on what concerns the whole guest: values that wait, snapshots. */
export function commonRemarks({
  pending,
  snapshots,
}: {
  readonly pending?: unknown;
  readonly snapshots: ReadonlyMap<string, unknown>;
}): readonly string[] {
  const { size } = snapshots;
  return [
    ...(pending === undefined ? [] : ['values that wait for its next start are not taken over']),
    ...(size === 0 ? [] : [`${size} ${size === 1 ? 'snapshot' : 'snapshots'}: they stay as they are`]),
  ];
}
