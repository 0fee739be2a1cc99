import * as v from 'valibot';
import { key } from './key.ts';
import * as s from './scalars.ts';

/** `phoenix_hypervisor_config.json` */
export const hypervisorFile = v.looseObject({
  folder_id: key(
    s.line('a short name: letters, digits, "-", "_" and "."', /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
    'Marks the guests of this folder in their Proxmox notes. Default: phoenix.',
  ),
  nvidia_driver: key(
    v.looseObject({ version: key(s.anyLine, 'x'), runfile_url: key(s.webUrl, 'x') }),
    'NVIDIA driver of the node.',
  ),
});

export type HypervisorConfig = v.InferOutput<typeof hypervisorFile>;
