import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  editFirewall,
  entriesOf,
  presentEntries,
  type WantedFirewall,
} from '../../../src/pve/host/edit-firewall.ts';

const NOTHING: WantedFirewall = { options: [], rules: [], lists: [] };
const alias = (name: string, line: string) => ({
  section: 'ALIASES',
  isOrdered: false,
  entries: [{ key: name, line }],
});
const set = (name: string, ...entries: string[]) => ({
  section: `IPSET ${name}`,
  isOrdered: false,
  entries: entries.map((line) => ({ key: line, line })),
});
const group = (name: string, ...entries: string[]) => ({
  section: `group ${name}`,
  isOrdered: true,
  entries: entries.map((line) => ({ key: line, line })),
});

const THEIRS = `[OPTIONS]

enable: 0
ebtables: 0

[ALIASES]

Office 10.1.0.0/24 # theirs

[IPSET management] # keep

10.1.0.9 # their admin

[RULES]

# by hand
IN ACCEPT -p tcp -dport 443 # theirs
|IN DROP -source 10.9.0.0/16

[group db]

IN ACCEPT -p tcp -dport 5432

`;

describe('editing a firewall file', () => {
  test('adds what is missing, in the order in which Proxmox reads names, around what is there', () => {
    const wanted: WantedFirewall = {
      options: [
        ['enable', '1'],
        ['policy_in', 'DROP'],
      ],
      rules: ['IN ACCEPT -source +admins -p tcp -dport 22', 'GROUP web'],
      lists: [
        alias('home', 'home 10.2.0.0/24'),
        set('management', '10.2.0.5'),
        set('admins', 'home'),
        group('web', 'IN ACCEPT -p tcp -dport 80'),
      ],
    };
    const { text, differences } = editFirewall(THEIRS, wanted, new Set());
    expect(text).toBe(
      THEIRS.replace('enable: 0', 'enable: 1')
        .replace('# theirs\n\n[IPSET', '# theirs\nhome 10.2.0.0/24\n\n[IPSET')
        .replace('# their admin\n', '# their admin\n10.2.0.5\n')
        .replace('[RULES]', '[IPSET admins]\n\nhome\n\n[RULES]')
        .replace('10.9.0.0/16\n', '10.9.0.0/16\nIN ACCEPT -source +admins -p tcp -dport 22\nGROUP web\n') +
        '[group web]\n\nIN ACCEPT -p tcp -dport 80\n\n',
    );
    expect(differences.map(({ attribute, isOption }) => [attribute, isOption])).toEqual([
      ['option enable', true],
      ['ALIASES', false],
      ['IPSET management', false],
      ['IPSET admins', false],
      ['group web', false],
      ['rules', false],
    ]);
    expect(editFirewall(text, wanted, new Set())).toEqual({ text, differences: [] });
    const ours = new Set(entriesOf(wanted));
    expect(editFirewall(text, NOTHING, ours).text).toBe(THEIRS.replace('enable: 0', 'enable: 1'));
  });

  test('makes a file out of nothing', () => {
    const wanted: WantedFirewall = {
      options: [['enable', '1']],
      rules: ['IN SSH(ACCEPT)'],
      lists: [set('management', '10.0.0.5')],
    };
    expect(editFirewall('', wanted, new Set()).text).toBe(
      '[OPTIONS]\n\nenable: 1\n\n[IPSET management]\n\n10.0.0.5\n\n[RULES]\n\nIN SSH(ACCEPT)\n\n',
    );
  });

  test('changes an alias where it stands, and takes no policy that is the default for a difference', () => {
    const wanted: WantedFirewall = {
      options: [
        ['policy_in', 'DROP'],
        ['policy_out', 'ACCEPT'],
      ],
      rules: [],
      lists: [alias('office', 'office 10.3.0.0/24')],
    };
    const { text, differences } = editFirewall(THEIRS, wanted, new Set());
    expect(text).toBe(THEIRS.replace('Office 10.1.0.0/24 # theirs', 'office 10.3.0.0/24'));
    expect(differences).toEqual([
      {
        attribute: 'ALIASES',
        isOption: false,
        before: 'Office 10.1.0.0/24 # theirs',
        after: 'office 10.3.0.0/24',
      },
    ]);
  });

  test('leaves alone what is named in the record and stands there no more', () => {
    expect(
      editFirewall(THEIRS, NOTHING, new Set(['RULES IN DROP', 'ALIASES gone', 'IPSET gone 1.1.1.1'])),
    ).toEqual({ text: THEIRS, differences: [] });
  });

  test('keeps every line of others, byte for byte and in order, whatever comes and goes', () => {
    const rule = fc.constantFrom('IN ACCEPT -p tcp -dport 22', 'IN DROP', 'OUT ACCEPT', 'GROUP web');
    const wanted = fc.record({
      options: fc.subarray<readonly [string, string]>([
        ['enable', '1'],
        ['policy_in', 'ACCEPT'],
      ]),
      rules: fc.uniqueArray(rule),
      lists: fc.subarray([
        alias('home', 'home 10.2.0.0/24'),
        set('management', '10.2.0.5'),
        set('new', '10.4.0.0/16'),
        group('db', 'IN DROP'),
        group('web', 'OUT DROP'),
      ]),
    });
    const foreign = THEIRS.split('\n').filter((line) => line !== '' && line !== 'enable: 0');
    fc.assert(
      fc.property(
        wanted,
        wanted,
        fc.constantFrom(THEIRS, THEIRS.trimEnd(), THEIRS.replaceAll('\n\n', '\n')),
        (first, second, text) => {
          const theirs = presentEntries(text);
          const one = editFirewall(text, first, new Set());
          const ours = new Set(entriesOf(first).filter((entry) => !theirs.has(entry)));
          const two = editFirewall(one.text, second, ours);
          for (const { text: result } of [one, two]) {
            expect(result.split('\n').filter((line) => foreign.includes(line))).toEqual(foreign);
          }
          const present = presentEntries(two.text);
          for (const entry of entriesOf(second)) expect(present.has(entry)).toBe(true);
          for (const entry of present)
            expect(
              theirs.has(entry) || entriesOf(second).includes(entry) || entry.startsWith('OPTIONS'),
            ).toBe(true);
          expect(editFirewall(two.text, second, ours).text).toBe(two.text);
        },
      ),
      { numRuns: 500 },
    );
  });
});
