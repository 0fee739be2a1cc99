import { differingKeys } from './differences.ts';
import type { Document } from './merge.ts';

/**
 * The keys of user-data and vendor-data that cloud-init acts on at each boot (the frequency of their
 * modules is `always`). Everything else acts when it takes a boot for the first one, and never again.
 */
const EACH_BOOT: ReadonlySet<string> = new Set([
  'bootcmd',
  'disable_ec2_metadata',
  'final_message',
  'fqdn',
  'growpart',
  'hostname',
  'manage_etc_hosts',
  'output',
  'prefer_fqdn_over_hostname',
  'preserve_hostname',
  'resize_rootfs',
  'updates',
]);

/** A document for a machine that has booted: what can still act, and what can't. */
export type Reachable = {
  /** The document as it may be written: as it is, with the new values of what acts at each boot. */
  readonly document: Document;
  /** Keys that differ and would act only at a first boot. */
  readonly left: readonly string[];
};

/** What of a wanted document can still act where the machine has booted with the one that is there. */
export function reachable(there: Document, wanted: Document): Reachable {
  const differing = differingKeys(there, wanted);
  const acting = differing.filter((key) => EACH_BOOT.has(key));
  const kept = Object.entries(there).filter(([key]) => !acting.includes(key));
  const taken = Object.entries(wanted).filter(([key]) => acting.includes(key));
  return {
    document: Object.fromEntries([...kept, ...taken]),
    left: differing.filter((key) => !EACH_BOOT.has(key)),
  };
}
