import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyConfigurations } from '../../../src/managers/lxc/apply-configurations.ts';
import type { DesiredFirewall, DesiredFirewallRule } from '../../../src/model/desired.ts';
import { ask, guest, MINIMAL, record } from '../given.ts';

const COMMENTS = ['ssh', 'a  b', '#', '[RULES]', 'ä | é', '-log nolog', 'IN ACCEPT', '|', '', ' '];

const rule: fc.Arbitrary<DesiredFirewallRule> = fc.record(
  {
    type: fc.constantFrom('in', 'out'),
    action: fc.constantFrom('ACCEPT', 'DROP', 'REJECT'),
    proto: fc.constantFrom('tcp', 'udp'),
    port: fc.constantFrom('22', '80,443'),
    source: fc.constantFrom('10.0.0.0/24', '+front', 'alias'),
    comment: fc.constantFrom(...COMMENTS),
  },
  { requiredKeys: ['type', 'action'] },
);

const firewall: fc.Arbitrary<DesiredFirewall> = fc.record(
  {
    enabled: fc.boolean(),
    inputPolicy: fc.constantFrom('ACCEPT', 'DROP'),
    outputPolicy: fc.constantFrom('ACCEPT', 'REJECT'),
    rules: fc.array(rule, { maxLength: 4 }),
  },
  { requiredKeys: ['enabled', 'rules'] },
);

/** Lines of others, none of which the generator of our rules can make. */
const lines = (...texts: readonly string[]): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom('', '# a note', ...texts), { maxLength: 5 });

const section = (header: string, ...texts: readonly string[]): fc.Arbitrary<string> =>
  lines(...texts).map((body) => [header, ...body].join('\n'));

const foreign: fc.Arbitrary<string> = fc
  .tuple(
    fc.option(section('[OPTIONS]', 'dhcp: 1', 'log_level_in: info', 'ENABLE: 1', 'policy_in: REJECT')),
    fc.option(section('[ALIASES]', 'gateway 10.0.0.1 # x', 'IN ACCEPT')),
    fc.option(section('[IPSET front] # ours, [not]', '10.0.0.5', '!10.0.0.6 # IN DROP')),
    fc.option(
      section('[rules]', 'GROUP web', 'IN SSH(ACCEPT) -i net0', '|IN ACCEPT', 'IN DROP -dest 9.9.9.9'),
    ),
    fc.option(section('[IPSET back]', '10.0.1.0/24')),
    fc.constantFrom('', '\n', '\n\n'),
  )
  .map(([options, aliases, front, rules, back, end]) => {
    const text = [options, aliases, front, rules, back].filter((part) => part !== null).join('\n');
    return text === '' ? '' : text + end;
  });

test("ours come as the folder has them, others' stay as they are, and a second run changes nothing", () => {
  fc.assert(
    fc.property(foreign, firewall, fc.option(firewall), (text, first, second) => {
      let [file, ours] = apply(text, [], first);
      expect(rulesIn(file).filter((line) => !FOREIGN.has(line))).toEqual(expected(first));
      expect(unmanaged(file)).toEqual(unmanaged(text));
      expect(apply(file, ours, first)[0]).toBe(file);
      expect(optionIn(file, 'enable') ?? '0').toBe(first.enabled ? '1' : '0');
      if (first.inputPolicy !== undefined) expect(optionIn(file, 'policy_in')).toBe(first.inputPolicy);
      if (first.outputPolicy !== undefined) expect(optionIn(file, 'policy_out')).toBe(first.outputPolicy);
      [file, ours] = apply(file, ours, second ?? undefined);
      expect(rulesIn(file).filter((line) => !FOREIGN.has(line))).toEqual(second ? expected(second) : []);
      expect(unmanaged(file)).toEqual(unmanaged(text));
    }),
    { numRuns: 400 },
  );
});

const FOREIGN = new Set(['GROUP web', 'IN SSH(ACCEPT) -i net0', '|IN ACCEPT', 'IN DROP -dest 9.9.9.9']);

/** The file and the record after a run; the very same text where nothing was written. */
function apply(
  text: string,
  ours: readonly string[],
  wanted: DesiredFirewall | undefined,
): readonly [string, readonly string[]] {
  const found = guest(MINIMAL, { firewall: text, nodeRecord: record({ firewallRules: ours }) });
  const answer = ask(applyConfigurations, {
    desired: wanted ? { firewall: wanted } : {},
    guest: found,
  });
  const written = answer.operations.flatMap((one) => (one.op === 'write' ? [one] : []));
  const kept = written.find(({ path }) => path.startsWith('/etc/pve/priv/'))?.content ?? undefined;
  const file = written.find(({ path }) => path.endsWith('.fw'))?.content ?? text;
  const rules =
    kept === undefined ? ours : (JSON.parse(String(kept)) as { firewallRules: string[] }).firewallRules;
  return [String(file), rules];
}

/** Proxmox's own reading of a file: sections by header, a comment allowed behind it (PVE::Firewall). */
function sections(text: string): readonly (readonly [string, readonly string[]])[] {
  const found: [string, string[]][] = [['', []]];
  for (const line of text.split('\n')) {
    const name = /^\[(options|rules|aliases|ipset\s+\S+)\]\s*(?:#.*)?$/i.exec(line)?.[1];
    if (name !== undefined) found.push([name.toLowerCase(), []]);
    else if (line.trim() !== '') found.at(-1)?.[1].push(line);
  }
  return found;
}

function rulesIn(text: string): readonly string[] {
  const lines = sections(text).flatMap(([name, body]) => (name === 'rules' ? body : []));
  return lines.filter((line) => !line.startsWith('#'));
}

function optionIn(text: string, name: string): string | undefined {
  const lines = sections(text).flatMap(([section, body]) => (section === 'options' ? body : []));
  return lines.findLast((line) => line.toLowerCase().startsWith(`${name}:`))?.split(': ')[1];
}

/** Everything that is nobody's but others': whole sections, and their lines among ours. */
function unmanaged(text: string): unknown {
  return sections(text)
    .map(([name, body]): [string, readonly string[]] => {
      if (name === 'rules') return [name, body.filter((line) => FOREIGN.has(line) || line.startsWith('#'))];
      if (name === 'options') return [name, body.filter((line) => !/^(enable|policy_(in|out)):/i.test(line))];
      return [name, body];
    })
    .filter(([, body]) => body.length > 0);
}

/** A rule as Proxmox prints it, blanks as one; the same rule twice is one rule. */
function expected({ rules }: DesiredFirewall): readonly string[] {
  const printed = rules.map(({ type, action, source, proto, port, comment }) =>
    [
      type.toUpperCase(),
      action,
      ...(source === undefined ? [] : ['-source', source]),
      ...(proto === undefined ? [] : ['-p', proto]),
      ...(port === undefined ? [] : ['-dport', port]),
      ...((comment ?? '').trim() === '' ? [] : [`# ${comment?.replaceAll(/ +/g, ' ')}`]),
    ].join(' '),
  );
  return [...new Set(printed)];
}
