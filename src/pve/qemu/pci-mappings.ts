/** Where a cluster's resource mappings of PCI devices stand. */
export const PCI_MAPPINGS = '/etc/pve/mapping/pci.cfg';

/**
 * The mappings that lead to a device of this node, from the text of their file: a name on a line of its
 * own, below it a `map` line for each device (PVE::Mapping::PCI).
 */
export function mappingsOn(node: string, text: string): ReadonlySet<string> {
  const found = new Set<string>();
  let name = '';
  for (const line of text.split('\n')) {
    const header = /^(\S+)\s*$/.exec(line);
    const map = /^\s+map\s+(\S+)/.exec(line);
    if (header?.[1] !== undefined) name = header[1];
    else if (map?.[1]?.split(',').includes(`node=${node}`) === true) found.add(name);
  }
  return found;
}
