/** A container as a folder describes it, with what a test says on top. */
export function guest(vmid: number, extra: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: `ct-${vmid}`,
    template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
    storage_pool: 'local-btrfs',
    storage_size_gb: 10,
    memory_mb: 512,
    cores: 1,
    unprivileged: true,
    network_config: { name: 'eth0', bridge: 'vmbr0', ip: `10.99.0.${vmid % 250}/24`, gw: '10.99.0.1' },
    ...extra,
  };
}

/** The files of a folder with these containers. */
export function folderFiles(guests: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    'phoenix_hypervisor_config.json': { version: '1' },
    'phoenix_lxc_configs.json': { lxc_configs: guests },
  };
}

/** A golden container with its snapshot, a clone of it that needs a database, and one that stands alone. */
export const EXAMPLE = folderFiles({
  900: guest(900, { name: 'golden', template_snapshot_name: 'ready' }),
  201: guest(201, {
    name: 'web',
    template: undefined,
    clone_from_ctid: '900',
    dependencies: ['202'],
    start_at_boot: true,
  }),
  202: guest(202, { name: 'database', start_at_boot: true }),
  203: guest(203, { name: 'alone', tags: ['spare'] }),
});
