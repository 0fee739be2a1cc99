/** Does a volume's name bear this guest's number (`local:101/vm-101-disk-0.raw`, `pool:subvol-101-disk-0`)? */
export function isVolumeOf(volume: string, vmid: number): boolean {
  return new RegExp(`[:/](vm|subvol|base|basevol)-${vmid}-`).test(volume);
}
