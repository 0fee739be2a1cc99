/**
 * The volumes whose names bear this guest's number (`local:101/vm-101-disk-0.raw`,
 * `pool:subvol-101-disk-0`).
 */
export function volumesOf(volumes: readonly string[], vmid: number): readonly string[] {
  const number = `-${vmid}-`;
  return volumes.filter((volume) => {
    const at = volume.indexOf(number);
    return at > 0 && /[:/](vm|subvol|base|basevol)$/.test(volume.slice(0, at));
  });
}
