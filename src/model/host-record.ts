/**
 * What Phoenix made on the host itself: `host.json` beside the guests' records, on a host without
 * /etc/pve `/var/lib/phoenix/host.json`. What is not in it is others' and stays.
 */
export type HostRecord = {
  readonly packages: readonly string[];
  readonly users: readonly string[];
  /** SSH keys that Phoenix added, as `user key`. */
  readonly sshKeys: readonly string[];
  readonly pools: readonly string[];
  readonly datasets: readonly string[];
  readonly storages: readonly string[];
  readonly interfaces: readonly string[];
  readonly firewallEntries: readonly string[];
};

/** Names of the record's lists. */
export type HostRecordList = keyof HostRecord;
