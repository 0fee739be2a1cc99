import { hostOperations } from '../operations.ts';

/** What installs drivers, in its step's name. */
export const drivers = hostOperations('install_drivers');

/** Makes the initial ramdisks anew, so that what stands in /etc/modprobe.d holds from the start. */
export const UPDATE_RAMDISK = drivers.run([], ['update-initramfs', '-u', '-k', 'all'], {
  timeoutMs: 1_800_000,
  title: 'put it into the initial ramdisks',
});
