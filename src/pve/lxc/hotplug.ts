/**
 * Does a running container take a new value of this key at once (PVE::LXC::Config update_pct_config
 * and vmconfig_hotplug_pending)? All else waits in `[pve:pending]` for the next start. NICs are
 * replugged; mounts and devices are taken live only where they are new.
 */
export function isHotplugged(key: string, isNew: boolean): boolean {
  if (HOTPLUGGED.has(key) || /^net\d+$/.test(key)) return true;
  return isNew && /^(mp|dev)\d+$/.test(key);
}

/** Is this key dropped from a running container at once? Mounts and devices never are. */
export function isHotUnplugged(key: string): boolean {
  return HOTPLUGGED.has(key) || /^(net|unused)\d+$/.test(key);
}

const HOTPLUGGED: ReadonlySet<string> = new Set([
  'description',
  'onboot',
  'startup',
  'protection',
  'hostname',
  'hookscript',
  'cores',
  'tags',
  'lock',
  'memory',
  'swap',
  'cpulimit',
  'cpuunits',
]);
