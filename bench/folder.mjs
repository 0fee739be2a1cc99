import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a configuration folder of `count` containers, varied as a real one is, dependencies included. */
export function writeFolder(path, count) {
  mkdirSync(path, { recursive: true });
  const guests = {};
  for (let index = 0; index < count; index++) {
    const vmid = 1000 + index;
    guests[vmid] = {
      name: `guest-${vmid}`,
      template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
      storage_pool: index % 2 === 0 ? 'local' : 'local-btrfs',
      storage_size_gb: 10 + (index % 8),
      memory_mb: 512 * (1 + (index % 4)),
      swap_mb: 512,
      cores: 1 + (index % 2),
      unprivileged: true,
      start_at_boot: index % 3 === 0,
      tags: ['bench', `group-${index % 10}`],
      network_config: {
        name: 'eth0',
        bridge: 'vmbr0',
        ip: `10.${100 + Math.floor(index / 250)}.${index % 250}.10/8`,
        gw: '10.99.0.1',
      },
      ...(index % 5 === 0 && {
        volumes: [{ name: 'data', pool: 'local', size_gb: 1, mount_point: '/data' }],
      }),
      ...(index % 7 === 0 && { pct_options: ['nesting=1', 'keyctl=1'] }),
      ...(index % 10 !== 0 && { dependencies: [String(vmid - (index % 10))] }),
      health_check: { command: 'true', retries: 3, interval: 5 },
    };
  }
  const write = (name, value) => writeFileSync(join(path, name), `${JSON.stringify(value, null, 2)}\n`);
  write('phoenix_hypervisor_config.json', { version: '1.0.0', folder_id: 'bench' });
  write('phoenix_lxc_configs.json', { lxc_configs: guests });
  write('phoenix_vm_configs.json', { vms: [] });
}
