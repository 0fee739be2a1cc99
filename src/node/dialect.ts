import { judge } from '../pve/messages.ts';
import { parseObservation } from '../pve/observation.ts';
import { judgeWait } from '../pve/qemu/judge-wait.ts';
import { renderArgv, renderStdin } from '../pve/render.ts';

/** Proxmox's dialect as a node speaks it, for a node that shares no code with it. */
export const PVE_DIALECT = { parseObservation, renderArgv, renderStdin, judge, judgeWait } as const;
