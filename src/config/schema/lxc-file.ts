import * as v from 'valibot';
import { container } from './container.ts';
import { key, need } from './key.ts';
import * as s from './scalars.ts';

/** `phoenix_lxc_configs.json` */
export const lxcFile = v.object({
  $schema: key(v.unknown(), 'JSON Schema for editors.'),
  nvidia_driver_version: key(
    s.line('a driver version, such as 580.76.05', /^\d+(?:\.\d+){1,3}$/),
    'NVIDIA driver of containers that name none.',
    { example: '580.76.05' },
  ),
  nvidia_repo_url: key(s.webUrl, 'Package repository of NVIDIA, for containers that name none.'),
  nvidia_runfile_url: key(
    s.webUrl,
    "Where NVIDIA's installer is downloaded from, for containers that name none.",
  ),
  lxc_configs: need(v.record(v.string(), container), 'The containers by id.'),
});
