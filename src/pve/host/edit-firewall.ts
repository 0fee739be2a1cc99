import { placeRules, withOptions } from '../firewall-edit.ts';
import {
  appendLines,
  normalizeRule,
  parseFirewallFile,
  printFirewallFile,
  readFirewallOption,
  sectionLines,
  withSection,
  type FirewallFile,
} from '../firewall-file.ts';

/** What a firewall file of the datacenter or of a host must say; what is not in it stays as it is found. */
export type WantedFirewall = {
  readonly options: readonly (readonly [name: string, value: string])[];
  /** Lines as Proxmox prints them, in order. */
  readonly rules: readonly string[];
  readonly lists: readonly WantedList[];
};

/** A section of entries: `ALIASES`, `IPSET name`, `group name`. Rules of a group keep their order. */
export type WantedList = {
  readonly section: string;
  readonly comment?: string;
  readonly isOrdered: boolean;
  /** `key` tells which entry it is, `line` what it says. */
  readonly entries: readonly { readonly key: string; readonly line: string }[];
};

export type FirewallDifference = {
  readonly attribute: string;
  readonly isOption: boolean;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

export type EditedFirewall = {
  readonly text: string;
  readonly differences: readonly FirewallDifference[];
};

/**
 * A firewall file as wanted. `ours` names what Phoenix put there before, as `entriesOf` does: what of it
 * is not wanted any more goes; every line of others stays where it is. The same text comes back where
 * it says all of it already.
 */
export function editFirewall(
  text: string,
  wanted: WantedFirewall,
  ours: ReadonlySet<string>,
): EditedFirewall {
  const differences: FirewallDifference[] = [];
  let file = parseFirewallFile(text);
  const options = wanted.options.filter(([name, value]) => !isSameOption(file, name, value));
  for (const [name, value] of options) {
    const before = readFirewallOption(file, name);
    differences.push({ attribute: `option ${name}`, isOption: true, before, after: value });
  }
  file = withOptions(file, options);
  for (const list of [...wanted.lists, ...droppedLists(file, wanted, ours)]) {
    const next = editList(file, list, ours);
    if (next === file) continue;
    differences.push({
      attribute: list.section,
      isOption: false,
      before: describe(file, list.section),
      after: describe(next, list.section),
    });
    file = next;
  }
  const before = sectionLines(file, 'RULES');
  const own = new Set([...ours].flatMap((entry) => withoutPrefix(entry, 'RULES ')));
  const rules = placeRules(before, wanted.rules, own);
  if (rules !== before) {
    const next = putSection(file, 'RULES', undefined, rules);
    differences.push({
      attribute: 'rules',
      isOption: false,
      before: describe(file, 'RULES'),
      after: describe(next, 'RULES'),
    });
    file = next;
  }
  return { text: differences.length === 0 ? text : printFirewallFile(file), differences };
}

/** What of a file is the folder's, for the record: one text an entry. */
export function entriesOf(wanted: WantedFirewall): readonly string[] {
  return [
    ...wanted.rules.map((rule) => `RULES ${rule}`),
    ...wanted.lists.flatMap(({ section, entries }) => entries.map(({ key }) => `${section} ${key}`)),
  ];
}

/** What a file says, as `entriesOf` names it, whoever put it there. */
export function presentEntries(text: string): ReadonlySet<string> {
  return new Set(
    parseFirewallFile(text).flatMap(({ name, lines }) =>
      lines
        .filter((line) => /^\s*[^#\s]/.test(line))
        .map((line) => {
          const section = sectionName(name);
          return section === 'RULES' ? `RULES ${normalizeRule(line)}` : `${section} ${keyOf(section, line)}`;
        }),
    ),
  );
}

/** The key of a line of a list: the name of an alias, the address of a set's entry, a whole rule. */
export function keyOf(section: string, line: string): string {
  if (section.startsWith('group ')) return normalizeRule(line);
  const plain = (line.split('#')[0] ?? '').trim().replace(/^!\s*/, '!');
  return section === 'ALIASES' ? (plain.split(/\s+/)[0] ?? '').toLowerCase() : plain.toLowerCase();
}

function isSameOption(file: FirewallFile, name: string, value: string): boolean {
  const found = readFirewallOption(file, name) ?? DEFAULTS.get(name);
  return found !== undefined && found.toUpperCase() === value.toUpperCase();
}

/** What Proxmox takes for the datacenter where the file doesn't say it. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['policy_in', 'DROP'],
  ['policy_out', 'ACCEPT'],
]);

function withoutPrefix(text: string, prefix: string): readonly string[] {
  return text.startsWith(prefix) ? [text.slice(prefix.length)] : [];
}

/** Lists of which Phoenix once put entries there and the folder has none any more. */
function droppedLists(
  file: FirewallFile,
  wanted: WantedFirewall,
  ours: ReadonlySet<string>,
): readonly WantedList[] {
  const known = new Set(wanted.lists.map(({ section }) => section.toLowerCase()));
  return file
    .map(({ name }) => name)
    .filter((name) => /^(?:aliases|ipset .+|group .+)$/i.test(name) && !known.has(name.toLowerCase()))
    .map((name): WantedList => ({ section: sectionName(name), isOrdered: /^group/i.test(name), entries: [] }))
    .filter(({ section }) =>
      [...ours].some((entry) => entry.toLowerCase().startsWith(`${section} `.toLowerCase())),
    );
}

/** A section's name as Proxmox writes it. */
function sectionName(name: string): string {
  if (/^(?:aliases|rules|options)$/i.test(name)) return name.toUpperCase();
  return name.replace(/^ipset/i, 'IPSET').replace(/^group/i, 'group');
}

function editList(file: FirewallFile, list: WantedList, ours: ReadonlySet<string>): FirewallFile {
  const { section, comment, isOrdered, entries } = list;
  const before = sectionLines(file, section.toUpperCase());
  const isThere = file.some(({ name }) => name.toLowerCase() === section.toLowerCase());
  const own = new Set([...ours].flatMap((entry) => withoutPrefix(entry, `${section} `)));
  const lines = isOrdered
    ? placeRules(
        before,
        entries.map(({ line }) => line),
        own,
      )
    : placeEntries(before, list, own);
  if (lines === before && (isThere || entries.length === 0)) return file;
  const isEmpty = lines.every((line) => line.trim() === '');
  if (isEmpty && entries.length === 0 && section !== 'ALIASES') {
    return withoutSection(file, section);
  }
  return putSection(file, section, comment, lines);
}

/** Entries in any order: each where it stands, changed where it says something else, new ones behind. */
function placeEntries(
  lines: readonly string[],
  { section, entries }: WantedList,
  own: ReadonlySet<string>,
): readonly string[] {
  const wanted = new Map(entries.map((entry) => [entry.key, entry.line]));
  const found = new Set<string>();
  let isChanged = false;
  const kept = lines.flatMap((line) => {
    if (/^\s*(?:#|$)/.test(line)) return [line];
    const key = keyOf(section, line);
    const want = wanted.get(key);
    if (want === undefined || found.has(key)) {
      const isDropped = want !== undefined || own.has(key);
      isChanged ||= isDropped;
      return isDropped ? [] : [line];
    }
    found.add(key);
    if (isSameEntry(line, want)) return [line];
    isChanged = true;
    return [want];
  });
  const missing = entries.filter(({ key }) => !found.has(key)).map(({ line }) => line);
  if (missing.length > 0) return appendLines(kept, missing);
  return isChanged ? kept : lines;
}

function isSameEntry(a: string, b: string): boolean {
  const plain = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return plain(a) === plain(b);
}

/** Proxmox reads a name only behind the line that gives it: aliases, then sets, then rules, then groups. */
function putSection(
  file: FirewallFile,
  section: string,
  comment: string | undefined,
  lines: readonly string[],
): FirewallFile {
  if (file.some(({ name }) => name.toLowerCase() === section.toLowerCase())) {
    return withSection(file, section.toUpperCase(), lines);
  }
  const later = ORDER.slice(ORDER.findIndex((pattern) => pattern.test(section)) + 1);
  const at = file.findIndex(({ name }) => later.some((pattern) => pattern.test(name)));
  const header = `[${section}]${comment === undefined || comment === '' ? '' : ` # ${comment}`}`;
  const body = ['', ...lines.filter((line) => line !== ''), ''];
  if (at >= 0) return [...file.slice(0, at), { name: section, header, lines: body }, ...file.slice(at)];
  const fresh = { name: section, header, lines: [...body, ''] };
  const last = file.at(-1);
  if (!last) return [fresh];
  const end = last.lines.slice(-2).join('|');
  const closed = end === '|' ? last.lines.slice(0, -1) : end.endsWith('|') ? last.lines : [...last.lines, ''];
  return [...file.slice(0, -1), { ...last, lines: closed }, fresh];
}

/** The file without a section; one that stood last leaves the blank line behind it. */
function withoutSection(file: FirewallFile, section: string): FirewallFile {
  const rest = file.filter(({ name }) => name.toLowerCase() !== section.toLowerCase());
  const [last, gone] = [rest.at(-1), file.at(-1)];
  const wasLast = gone !== undefined && !rest.includes(gone) && gone.lines.slice(-2).join('|') === '|';
  if (!last || !wasLast) return rest;
  return [...rest.slice(0, -1), { ...last, lines: [...last.lines, ''] }];
}

const ORDER = [/^OPTIONS$/i, /^ALIASES$/i, /^IPSET /i, /^RULES$/i, /^group /i];

function describe(file: FirewallFile, section: string): string | undefined {
  if (!file.some(({ name }) => name.toLowerCase() === section.toLowerCase())) return undefined;
  const entries = sectionLines(file, section.toUpperCase()).filter((line) => /^\s*[^#\s]/.test(line));
  if (entries.length > 3) return `${entries.length} entries`;
  return entries.length === 0 ? 'empty' : entries.map((line) => line.trim()).join('; ');
}
