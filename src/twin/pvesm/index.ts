import type { Tool } from '../call/command.ts';

/** Proxmox's storage tool. */
export const pvesm: Tool = { name: 'pvesm', groups: [], commands: {} };
