/**
 * A guest's firewall file (`/etc/pve/firewall/<vmid>.fw`) as sections in file order, every line as it
 * stands; what comes before the first section has the name '' and no header.
 */
export type FirewallFile = readonly FirewallSection[];

export type FirewallSection = {
  readonly name: string;
  readonly header: string | undefined;
  readonly lines: readonly string[];
};

/** What a rule says, as Proxmox prints it (PVE::Firewall generate_fw_rule). */
export type FirewallRule = {
  readonly type: 'in' | 'out';
  readonly action: string;
  readonly proto?: string;
  readonly port?: string;
  readonly source?: string;
  readonly dest?: string;
  readonly iface?: string;
  readonly comment?: string;
};

/** Where Proxmox keeps the file. */
export function firewallPath(vmid: number): string {
  return `/etc/pve/firewall/${vmid}.fw`;
}

/** Reads a firewall file. Printed again it is the same text, byte for byte. */
export function parseFirewallFile(text: string): FirewallFile {
  if (text === '') return [];
  const sections: { name: string; header: string | undefined; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    // Proxmox allows a comment behind the name of an IP set or a group.
    const name = /^\s*\[([^\]]+)\]\s*(?:#.*)?$/.exec(line)?.[1];
    const last = sections.at(-1);
    if (name !== undefined) sections.push({ name, header: line, lines: [] });
    else if (last) last.lines.push(line);
    else sections.push({ name: '', header: undefined, lines: [line] });
  }
  return sections;
}

/** Prints a firewall file. */
export function printFirewallFile(file: FirewallFile): string {
  return file.flatMap(({ header, lines }) => (header === undefined ? lines : [header, ...lines])).join('\n');
}

/** The lines of a section, blank ones too, whatever the case of its name; none where it is missing. */
export function sectionLines(file: FirewallFile, name: string): readonly string[] {
  return file.filter((section) => isNamed(section, name)).flatMap(({ lines }) => lines);
}

/**
 * The file with one section's lines replaced; where it stands several times, all of it goes into the
 * first. A missing section is added, laid out as Proxmox does, options before all else.
 */
export function withSection(file: FirewallFile, name: string, lines: readonly string[]): FirewallFile {
  const first = file.find((section) => isNamed(section, name));
  if (first) {
    return file
      .filter((section) => section === first || !isNamed(section, name))
      .map((section) => (section === first ? { ...section, lines } : section));
  }
  const section = { name, header: `[${name}]`, lines: ['', ...lines, ''] };
  if (name === 'OPTIONS') return [section, ...file];
  const last = file.at(-1);
  const isOpen = last !== undefined && last.lines.at(-1) !== '';
  return [...(isOpen ? [...file.slice(0, -1), { ...last, lines: [...last.lines, ''] }] : file), section];
}

/** Lines with further ones behind the last that is not blank. */
export function appendLines(lines: readonly string[], more: readonly string[]): readonly string[] {
  if (lines.length === 0) return more;
  const end = lines.findLastIndex((line) => line.trim() !== '') + 1;
  // An empty section's own blank line stays above what comes into it.
  const at = end === 0 ? Math.min(1, Math.max(0, lines.length - 1)) : end;
  const isLast = at === lines.length;
  return [...lines.slice(0, at), ...more, ...(isLast ? [''] : lines.slice(at))];
}

/** A rule's line, as Proxmox prints it. */
export function printFirewallRule(rule: FirewallRule): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['-i', rule.iface],
    ['-source', rule.source],
    ['-dest', rule.dest],
    ['-p', rule.proto],
    ['-dport', rule.port],
  ];
  const options = parts.flatMap(([option, value]) => (value === undefined ? [] : [`${option} ${value}`]));
  const comment = (rule.comment ?? '').trim() === '' ? [] : [`# ${rule.comment}`];
  return [rule.type.toUpperCase(), rule.action, ...options, ...comment].join(' ');
}

/** A rule's line as it is compared: blanks as one, the default `-log nolog` left out. */
export function normalizeRule(line: string): string {
  return line
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^([^#]*?) -log nolog(?= |$)/, '$1');
}

/** The value of an option line (`enable: 1`); undefined where the file has none. */
export function readFirewallOption(file: FirewallFile, name: string): string | undefined {
  const line = sectionLines(file, 'OPTIONS').find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function isNamed(section: FirewallSection, name: string): boolean {
  return section.name.toUpperCase() === name;
}
