/**
 * What Phoenix put into a guest's Proxmox configuration: `/etc/pve/priv/phoenix/<vmid>.json`.
 * What is not in it is others' and stays. Void where the guest's notes lack our line.
 */
export type NodeRecord = {
  readonly vmid: number;
  /** Container paths of mounts, `/dev/…` paths of devices, names of NICs, raw lines, firewall rules. */
  readonly mounts: readonly string[];
  readonly devices: readonly string[];
  readonly nics: readonly string[];
  readonly rawLines: readonly string[];
  readonly firewallRules: readonly string[];
  /** Slots of a VM's further disks (`scsi1`) and of its PCI devices (`hostpci0`); its NICs go by slot, too. */
  readonly disks?: readonly string[];
  readonly pciDevices?: readonly string[];
  /** Volumes that bore the guest's number before Phoenix made it: others', whatever becomes of the guest. */
  readonly volumesBefore?: readonly string[];
  /** A clone whose SSH host keys are still its source's. */
  readonly renewHostKeys?: boolean;
  /** Made by Phoenix to become a template or a golden container: until it is, nobody else uses it. */
  readonly golden?: boolean;
  /** By snapshot that Phoenix took: what the record and its firewall file were then. */
  readonly snapshots?: Readonly<Record<string, RecordAtSnapshot>>;
  /** Name of the snapshot that it is being taken back to, since no config tells when that is done. */
  readonly rollingBackTo?: string;
  /** Digest of the definition that `finalize` completed; absent until then. */
  readonly completed?: string;
};

/** What no snapshot of a guest holds, as it was when the snapshot was taken. */
export type RecordAtSnapshot = {
  readonly record: Omit<NodeRecord, 'snapshots'>;
  /** Text of its firewall file; null where there was none. */
  readonly firewall: string | null;
};

/** What Phoenix applied inside a guest: `/var/lib/phoenix/record.json` there. A guest's claim, only compared. */
export type GuestRecord = {
  readonly features: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};

/** `unknown`: the guest is stopped or its record could not be read safely; `none`: there is no record. */
export type RecordState = GuestRecord | 'unknown' | 'none';
