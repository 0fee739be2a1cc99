import {
  interfacesLine,
  isAuto,
  parseInterfaces,
  stanzasOf,
  type IfaceStanza,
  type InterfacesFile,
  type InterfacesLine,
} from './interfaces-file.ts';
import { isSameOption, withPrefix } from './same-option.ts';

export type Family = 'inet' | 'inet6';

/** What an interface's stanzas must say. Options that are not named stay as they are found. */
export type WantedInterface = {
  readonly name: string;
  /** Must it come up at boot? */
  readonly isAuto: boolean;
  /** Options of the link itself; null: there must be none. */
  readonly link: ReadonlyMap<string, string | null>;
  /** Further options of a stanza that is made anew. */
  readonly linkWhenNew: ReadonlyMap<string, string>;
  readonly families: Partial<Readonly<Record<Family, WantedFamily>>>;
};

/** `options`: null: there must be none. */
export type WantedFamily = {
  readonly method: string;
  readonly options: ReadonlyMap<string, string | null>;
};

/** One difference; undefined: nothing. */
export type InterfacesDifference = {
  readonly interface: string;
  /** Name of the option; undefined: the interface as a whole. */
  readonly option?: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

export type EditedInterfaces = {
  readonly file: InterfacesFile;
  readonly differences: readonly InterfacesDifference[];
};

/**
 * The file with these interfaces as wanted and those of `removed` gone. Only lines that say something
 * else change; every other line stays where it is, byte for byte.
 */
export function editInterfaces(
  file: InterfacesFile,
  wanted: readonly WantedInterface[],
  removed: readonly string[],
): EditedInterfaces {
  const edit = newEdit(file.length === 0 ? parseInterfaces(LOOPBACK) : file);
  for (const name of removed) removeInterface(edit, name);
  for (const one of wanted) {
    const stanzas = edit.stanzas.filter(({ name }) => name === one.name);
    if (stanzas.length === 0) addInterface(edit, one);
    else changeInterface(edit, one, stanzas);
  }
  return { file: resultOf(edit), differences: edit.differences };
}

const LOOPBACK = 'auto lo\niface lo inet loopback\n';

type Edit = {
  readonly before: InterfacesFile;
  readonly stanzas: readonly IfaceStanza[];
  /** By number of a line: what stands in its place; an empty list drops it. */
  readonly replaced: Map<number, readonly InterfacesLine[]>;
  /** By number of a line: what comes behind it. */
  readonly behind: Map<number, InterfacesLine[]>;
  readonly added: string[][];
  readonly differences: InterfacesDifference[];
};

function newEdit(before: InterfacesFile): Edit {
  return {
    before,
    stanzas: stanzasOf(before),
    replaced: new Map(),
    behind: new Map(),
    added: [],
    differences: [],
  };
}

function resultOf(edit: Edit): InterfacesFile {
  const lines = edit.before.flatMap((line, number) => [
    ...(edit.replaced.get(number) ?? [line]),
    ...(edit.behind.get(number) ?? []),
  ]);
  if (edit.added.length === 0) return lines;
  const isClosed = lines.at(-1)?.text === '';
  const body = isClosed ? lines.slice(0, -1) : lines;
  const isParted = body.length === 0 || body.at(-1)?.kind === 'blank';
  const added = edit.added.flatMap((texts, index) => [...(index === 0 && isParted ? [] : ['']), ...texts]);
  return [...body, ...added.map(interfacesLine), interfacesLine('')];
}

function removeInterface(edit: Edit, name: string): void {
  const stanzas = edit.stanzas.filter((stanza) => stanza.name === name);
  if (stanzas.length === 0) return;
  for (const { header, options } of stanzas) {
    for (const number of [header, ...options.map(({ line }) => line)]) edit.replaced.set(number, []);
  }
  for (const [number, { kind, words }] of edit.before.entries()) {
    if (kind !== 'auto' || !words.slice(1).includes(name)) continue;
    const [first = 'auto', ...names] = words;
    const rest = names.filter((one) => one !== name);
    edit.replaced.set(number, rest.length === 0 ? [] : [interfacesLine([first, ...rest].join(' '))]);
  }
  edit.differences.push({ interface: name, before: describe(stanzas), after: undefined });
}

function addInterface(edit: Edit, wanted: WantedInterface): void {
  const { inet } = wanted.families;
  const inet6 = wanted.families.inet6?.method === 'manual' ? undefined : wanted.families.inet6;
  const link = [...present(wanted.link), ...wanted.linkWhenNew];
  const first: Family = inet || !inet6 ? 'inet' : 'inet6';
  const body = (family: Family, options: readonly (readonly [string, string])[]): string[] => {
    const { method = 'manual', options: own = new Map<string, string>() } = wanted.families[family] ?? {};
    return [
      `iface ${wanted.name} ${family} ${method}`,
      ...[...present(own), ...options].map(([name, value]) => `\t${name} ${value}`),
    ];
  };
  const texts = [...(wanted.isAuto ? [`auto ${wanted.name}`] : []), ...body(first, link)];
  edit.added.push(texts);
  if (inet && inet6) edit.added.push(body('inet6', []));
  const after = [inet, inet6].flatMap((family) => (family ? describeFamily(family) : []));
  const ports = [...link].filter(([name]) => /ports|slaves|raw-device/.test(name)).map(([, value]) => value);
  edit.differences.push({
    interface: wanted.name,
    before: undefined,
    after: [...after, ...ports.map((value) => `over ${value}`)].join(', ') || 'up',
  });
}

function changeInterface(edit: Edit, wanted: WantedInterface, stanzas: readonly IfaceStanza[]): void {
  if (wanted.isAuto && !isAuto(edit.before, wanted.name)) {
    const header = stanzas[0]?.header ?? 0;
    const line = edit.before[header];
    if (line) edit.replaced.set(header, [interfacesLine(`auto ${wanted.name}`), line]);
    edit.differences.push({ interface: wanted.name, option: 'auto', before: undefined, after: 'yes' });
  }
  setOptions(edit, wanted.name, stanzas, wanted.link);
  for (const family of FAMILIES) {
    const want = wanted.families[family];
    if (want) changeFamily(edit, wanted.name, { family, want, all: stanzas });
  }
}

function changeFamily(
  edit: Edit,
  name: string,
  of: { readonly family: Family; readonly want: WantedFamily; readonly all: readonly IfaceStanza[] },
): void {
  const { family, want, all } = of;
  const stanzas = all.filter((stanza) => stanza.family === family);
  const [first] = stanzas;
  if (!first) {
    if (want.method === 'manual') return;
    const body = [`iface ${name} ${family} ${want.method}`];
    for (const [option, value] of present(want.options)) body.push(`\t${option} ${value}`);
    const last = all.at(-1);
    if (last) insertBehind(edit, lastLineOf(last), ['', ...body].map(interfacesLine));
    edit.differences.push({
      interface: name,
      option: family === 'inet' ? 'address' : 'address6',
      before: undefined,
      after: describeFamily(want),
    });
    return;
  }
  if (first.method !== want.method) {
    const header = edit.before[first.header];
    const lines = edit.replaced.get(first.header) ?? (header ? [header] : []);
    const text = (header?.text ?? '').replace(/(\S+)(\s*)$/, (_all, _word, end: string) => want.method + end);
    edit.replaced.set(first.header, [...lines.slice(0, -1), interfacesLine(text)]);
    edit.differences.push({
      interface: name,
      option: family === 'inet' ? 'method' : 'method6',
      before: first.method,
      after: want.method,
    });
  }
  setOptions(edit, name, stanzas, want.options, family === 'inet6' ? '6' : '');
}

/** Each option in the stanza that has it, new ones in the first. */
function setOptions(
  edit: Edit,
  name: string,
  stanzas: readonly IfaceStanza[],
  options: ReadonlyMap<string, string | null>,
  suffix = '',
): void {
  const [first] = stanzas;
  if (!first) return;
  for (const [option, value] of options) {
    const found = stanzas.flatMap((stanza) => stanza.options.filter((one) => one.name === option));
    const [standing] = found;
    if (value === null) {
      for (const { line } of found) edit.replaced.set(line, []);
      // Its prefix length goes into the address.
      if (standing && option !== 'netmask') note(standing.value, undefined, option);
      continue;
    }
    if (option === 'address' ? stanzas.flatMap(addressesIn).includes(value) : false) {
      keepNetmask(edit, stanzas, options);
      continue;
    }
    if (!standing) {
      insertBehind(edit, lastLineOf(first), [interfacesLine(`${indentOf(edit, first)}${option} ${value}`)]);
      note(undefined, value, option);
      continue;
    }
    if (option !== 'address' && isSameOption(option, standing.value, value)) continue;
    const text = edit.before[standing.line]?.text ?? '';
    const [, indent = '\t', word = option] = /^(\s*)(\S+)/.exec(text) ?? [];
    edit.replaced.set(standing.line, [interfacesLine(`${indent}${word} ${value}`)]);
    note(standing.value, value, option);
  }

  function note(before: string | undefined, after: string | undefined, option: string): void {
    edit.differences.push({ interface: name, option: `${option}${suffix}`, before, after });
  }
}

/** An address that is right by its netmask needs it: it is not taken away. */
function keepNetmask(
  edit: Edit,
  stanzas: readonly IfaceStanza[],
  options: ReadonlyMap<string, string | null>,
): void {
  if (options.get('netmask') !== null) return;
  for (const { options: own } of stanzas) {
    const needs = own.some(({ name, value }) => name === 'address' && !value.includes('/'));
    for (const { name, line } of own) if (needs && name === 'netmask') edit.replaced.delete(line);
  }
}

function addressesIn({ options }: IfaceStanza): readonly string[] {
  const netmask = options.find(({ name }) => name === 'netmask')?.value;
  return options.filter(({ name }) => name === 'address').map(({ value }) => withPrefix(value, netmask));
}

function present(options: ReadonlyMap<string, string | null>): readonly (readonly [string, string])[] {
  return [...options].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

function insertBehind(edit: Edit, number: number, lines: readonly InterfacesLine[]): void {
  edit.behind.set(number, [...(edit.behind.get(number) ?? []), ...lines]);
}

function lastLineOf({ header, options }: IfaceStanza): number {
  return options.at(-1)?.line ?? header;
}

function indentOf(edit: Edit, { options }: IfaceStanza): string {
  const text = edit.before[options[0]?.line ?? -1]?.text ?? '\t';
  return /^\s*/.exec(text)?.[0] ?? '\t';
}

function describe(stanzas: readonly IfaceStanza[]): string {
  const parts = stanzas.flatMap((stanza) => {
    const addresses = addressesIn(stanza);
    return addresses.length > 0 ? addresses : [stanza.method];
  });
  return [...new Set(parts)].join(', ');
}

function describeFamily({ method, options }: WantedFamily): string {
  const gateway = options.get('gateway');
  return [options.get('address') ?? method, ...(gateway ? [`gateway ${gateway}`] : [])].join(' ');
}

const FAMILIES: readonly Family[] = ['inet', 'inet6'];
