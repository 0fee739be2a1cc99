import type { DesiredCloudInit, DesiredVm } from '../../../model/desired.ts';
import type { Change } from '../../../model/change.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Operation } from '../../../model/operation.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { macOf } from '../../../pve/qemu/nics.ts';
import type { Difference, Said } from '../../guest/difference.ts';
import type { PresentGuest } from '../../guest/input.ts';

export const STEP = 'generate_cloud_init';

/** A VM that is there and for which the folder describes Cloud-Init. */
export type CloudInitVm = PresentGuest<DesiredVm & { readonly cloudInit: DesiredCloudInit }>;

/** What one way of telling Cloud-Init asks for. */
export type CloudInitWork = {
  readonly changes: readonly Change[];
  /** Before the one `qm set`, and after it. */
  readonly before: readonly Operation[];
  readonly after: readonly Operation[];
  /** Parts of the one `qm set`. */
  readonly differences: readonly Difference[];
  readonly diagnostics: readonly Diagnostic[];
};

export const NO_CLOUD_INIT_WORK: CloudInitWork = {
  changes: [],
  before: [],
  after: [],
  differences: [],
  diagnostics: [],
};

/** A change of this step. */
export function changeOf({ guest }: CloudInitVm, said: Said): Change {
  return { target: guest.vmid, step: STEP, ...said };
}

/** What goes onto the Cloud-Init drive, which is written anew at each start, acts at the next one. */
export function effectOf({ guest }: CloudInitVm): 'live' | 'restart' {
  return guest.running ? 'restart' : 'live';
}

/** The MAC of each NIC of the VM by slot, as it will be after its next start. */
export function macsOf({ guest }: CloudInitVm): ReadonlyMap<string, string> {
  return new Map(
    [...effectiveKeys(guest.config)].flatMap(([key, text]) => {
      const mac = /^net\d+$/.test(key) ? macOf(text) : undefined;
      return mac === undefined ? [] : [[key, mac] as const];
    }),
  );
}
