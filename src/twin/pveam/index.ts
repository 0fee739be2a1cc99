import type { Tool } from '../call/command.ts';

/** Proxmox's template tool. */
export const pveam: Tool = { name: 'pveam', groups: [], commands: {} };
