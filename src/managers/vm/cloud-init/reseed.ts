import { FIRST_INSTANCE, type Instance } from '../../../guest/cloud-init/instance.ts';
import type { CloudInitVm } from './machine.ts';

/**
 * What `--reseed` says: another text at each call of Phoenix, so that one call raises a generation once.
 * Undefined without it, and for a VM that was not named.
 */
export function reseedOf({ purpose, guest }: CloudInitVm): string | undefined {
  const { reseed, reseedGuests } = purpose.options;
  if (reseed === undefined || reseed === false) return undefined;
  const isNamed = reseedGuests === undefined || String(reseedGuests).split(',').includes(String(guest.vmid));
  return isNamed ? String(reseed) : undefined;
}

/** The instance that the documents are to be for, where `there` is the one that they are for now. */
export function wantedInstance(vm: CloudInitVm, there: Instance | undefined): Instance {
  const reseed = reseedOf(vm);
  if (reseed === undefined || there?.reseed === reseed) return there ?? FIRST_INSTANCE;
  return { generation: (there?.generation ?? 0) + 1, reseed };
}
