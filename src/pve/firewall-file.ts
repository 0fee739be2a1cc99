/**
 * A guest's firewall file (`/etc/pve/firewall/<vmid>.fw`) as sections in file order. Lines are kept as
 * they stand, blank ones dropped; what comes before the first section has the name ''.
 */
export type FirewallFile = readonly FirewallSection[];

export type FirewallSection = { readonly name: string; readonly lines: readonly string[] };

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

/** Reads a firewall file; every line is kept. */
export function parseFirewallFile(text: string): FirewallFile {
  const sections: { name: string; lines: string[] }[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    const header = /^\[([^\]]+)\]\s*$/.exec(line.trim());
    if (header?.[1] !== undefined) sections.push({ name: line.trim().slice(1, -1), lines: [] });
    else if (line.trim() !== '') {
      const last = sections.at(-1);
      if (last) last.lines.push(line);
      else sections.push({ name: '', lines: [line] });
    }
  }
  return sections;
}

/** Prints a firewall file as Proxmox lays it out: a blank line after each header and each section. */
export function printFirewallFile(file: FirewallFile): string {
  return file
    .map(({ name, lines }) => `${name === '' ? '' : `[${name}]\n\n`}${lines.join('\n')}\n`)
    .join('\n');
}

/** The lines of a section, whatever the case of its name; none where it is missing. */
export function sectionLines(file: FirewallFile, name: string): readonly string[] {
  return file.find((section) => isNamed(section, name))?.lines ?? [];
}

/** The file with one section's lines replaced; a missing section is added, options before all else. */
export function withSection(file: FirewallFile, name: string, lines: readonly string[]): FirewallFile {
  if (file.some((section) => isNamed(section, name))) {
    return file.map((section) => (isNamed(section, name) ? { ...section, lines } : section));
  }
  const section = { name, lines };
  return name === 'OPTIONS' ? [section, ...file] : [...file, section];
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
  const comment = rule.comment === undefined ? [] : [`# ${rule.comment}`];
  return [rule.type.toUpperCase(), rule.action, ...options, ...comment].join(' ');
}

/** A rule's line as it is compared: blanks as one, the default `-log nolog` left out. */
export function normalizeRule(line: string): string {
  return line
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/ -log nolog(?= |$)/, '');
}

/** The value of an option line (`enable: 1`); undefined where the file has none. */
export function readFirewallOption(file: FirewallFile, name: string): string | undefined {
  const line = sectionLines(file, 'OPTIONS').find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function isNamed(section: FirewallSection, name: string): boolean {
  return section.name.toUpperCase() === name;
}
