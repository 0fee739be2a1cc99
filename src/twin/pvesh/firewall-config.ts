import type { Session } from '../call/session.ts';
import { parseRule, printRule, type Names, type Rule } from './firewall-rule.ts';

/** A guest's firewall file as a tool holds it. */
export type FirewallConfig = {
  options: Map<string, string>;
  /** Lines of `[ALIASES]`, and of IP sets by their headers, as they stand. */
  readonly aliases: readonly string[];
  readonly ipsets: ReadonlyMap<string, readonly string[]>;
  rules: Rule[];
  readonly names: Names;
};

/** Reads a guest's firewall file; lines that cannot be read are complained about and dropped. */
export async function loadFirewall(session: Session, vmid: number): Promise<FirewallConfig> {
  const path = `/etc/pve/firewall/${vmid}.fw`;
  const sections = splitSections((await session.host.files.read(path)) ?? '');
  const cluster = splitSections((await session.host.files.read('/etc/pve/firewall/cluster.fw')) ?? '');
  const names = namesIn([...sections, ...cluster]);
  const options = new Map<string, string>();
  const aliases: string[] = [];
  const ipsets = new Map<string, string[]>();
  const rules: Rule[] = [];
  for (const { header, lines } of sections) {
    const kind = header.toLowerCase();
    for (const { number, text } of lines) {
      const complain = (message: string): void => session.warn(`${path} (line ${number}): ${message}`);
      if (kind === '[options]') {
        const option = OPTION.exec(text);
        if (option?.[1] === undefined || option[2] === undefined) complain(`can't parse option '${text}'`);
        else options.set(option[1].toLowerCase(), option[2]);
      } else if (kind === '[rules]') {
        const rule = parseRule(text, names);
        if (typeof rule === 'string') complain(rule);
        else rules.push(rule);
      } else if (kind === '[aliases]') aliases.push(text);
      else if (kind.startsWith('[ipset ')) ipsets.set(header, [...(ipsets.get(header) ?? []), text]);
      else complain(header === '' ? 'skip line - no section' : 'skip line - unknown section');
    }
  }
  return { options, aliases, ipsets, rules, names };
}

/** Writes a guest's firewall file whole; without anything in it, it goes. */
export async function saveFirewall(session: Session, vmid: number, config: FirewallConfig): Promise<void> {
  const { options, aliases, ipsets, rules } = config;
  let text = '';
  const block = (header: string, lines: readonly string[]): void => {
    text += `${header}\n\n${lines.map((line) => `${line}\n`).join('')}\n`;
  };
  if (options.size > 0)
    block(
      '[OPTIONS]',
      [...options].map(([key, value]) => `${key}: ${value}`),
    );
  if (aliases.length > 0) block('[ALIASES]', aliases.toSorted());
  for (const header of [...ipsets.keys()].toSorted()) block(header, (ipsets.get(header) ?? []).toSorted());
  if (rules.length > 0) text += `[RULES]\n\n${rules.map(printRule).join('')}\n`;
  const path = `/etc/pve/firewall/${vmid}.fw`;
  if (text === '') await session.host.files.remove(path);
  else await session.host.files.write(path, text, 0o640);
}

const OPTION =
  /^(enable|dhcp|ndp|radv|macfilter|ipfilter|ips|log_level_in|log_level_out|policy_in|policy_out|ips_queues|layer2_protocols):\s*(\S*)\s*$/i;

type Section = { header: string; lines: { number: number; text: string }[] };

function splitSections(text: string): Section[] {
  const sections: Section[] = [{ header: '', lines: [] }];
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (/^\[(options|aliases|rules|ipset\s+\S+)\]\s*(#.*)?$/i.test(line))
      sections.push({ header: line, lines: [] });
    else sections.at(-1)?.lines.push({ number: index + 1, text: line });
  }
  return sections;
}

function namesIn(sections: readonly Section[]): Names {
  const aliases = new Set<string>();
  const ipsets = new Set<string>();
  for (const { header, lines } of sections) {
    const set = /^\[ipset\s+(\S+)\]/i.exec(header)?.[1];
    if (set !== undefined) ipsets.add(set.toLowerCase());
    if (header.toLowerCase() !== '[aliases]') continue;
    for (const { text } of lines) aliases.add((text.split(/\s/)[0] ?? '').toLowerCase());
  }
  return { aliases, ipsets };
}
