import type { DesiredVm } from '../../model/desired.ts';
import type { RawVm } from '../raw-guest.ts';
import { guestCommon, type NormaliseContext } from './guest-common.ts';

/** A VM with the defaults of its file filled in. */
export function vmOf(guest: RawVm, context: NormaliseContext, defaults: unknown): DesiredVm {
  const settings = { ...(defaults as object | undefined), ...guest.config };
  const config = { ...guest.config, cores: settings.cores, memory_mb: settings.memory_mb };
  const source = guest.config.clone_from_vmid;
  const vmid = Number(source);
  const snapshot = source === undefined ? undefined : context.snapshotOf(vmid);
  return {
    kind: 'vm',
    ...guestCommon({ ...guest, config }, context),
    ...(source !== undefined && { cloneFrom: { vmid, ...(snapshot !== undefined && { snapshot }) } }),
    ...(settings.storage_pool !== undefined && { storage: settings.storage_pool }),
    ...(settings.disk_size_gb !== undefined && { diskGiB: settings.disk_size_gb }),
    agent: true,
    disks: [],
    nics: [],
    pciDevices: [],
  };
}
