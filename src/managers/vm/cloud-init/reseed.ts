import { FIRST_INSTANCE, type Instance } from '../../../guest/cloud-init/instance.ts';
import type { CloudInitVm } from './machine.ts';

/** What `--reseed` says: another text at each call of Phoenix, so that one call raises a generation once. */
export function reseedOf({ purpose }: CloudInitVm): string | undefined {
  const { reseed } = purpose.options;
  return reseed === undefined || reseed === false ? undefined : String(reseed);
}

/** The instance that the documents are to be for, where `there` is the one that they are for now. */
export function wantedInstance(vm: CloudInitVm, there: Instance | undefined): Instance {
  const reseed = reseedOf(vm);
  if (reseed === undefined || there?.reseed === reseed) return there ?? FIRST_INSTANCE;
  return { generation: (there?.generation ?? 0) + 1, reseed };
}
