import { hostOperations } from '../operations.ts';

/** What sets up ZFS, in its step's name. */
export const zfs = hostOperations('setup_zfs');
