/** A guest's number (Proxmox's vmid): 100 to 999999999, one space for containers and VMs. */
export type GuestId = number;

export type GuestKind = 'lxc' | 'vm';

/** What a manager works on: the node itself, or one guest. */
export type Target = 'node' | GuestId;

/** Who looks after a target. */
export type ManagerName = 'hypervisor' | GuestKind;

/** Where an operation acts. */
export type Place = 'node' | GuestId;
