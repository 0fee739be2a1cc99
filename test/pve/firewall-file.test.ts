import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  normalizeRule,
  parseFirewallFile,
  printFirewallFile,
  printFirewallRule,
  readFirewallOption,
  sectionLines,
  withSection,
} from '../../src/pve/firewall-file.ts';

type Recording = { readonly steps: readonly { readonly files?: Readonly<Record<string, string | null>> }[] };

function recordedFiles(): readonly string[] {
  const path = new URL('../conformance/firewall-guest.json', import.meta.url);
  const { steps } = JSON.parse(readFileSync(path, 'utf8')) as Recording;
  return steps.flatMap(({ files }) =>
    Object.entries(files ?? {}).flatMap(([name, text]) =>
      name.endsWith('.fw') && text !== null ? [text] : [],
    ),
  );
}

test('recorded files keep every line and its section', () => {
  const files = recordedFiles();
  expect(files.length).toBeGreaterThan(3);
  for (const text of files) {
    const file = parseFirewallFile(text);
    const lines = (from: string): readonly string[] => from.split('\n').filter((line) => line.trim() !== '');
    expect(lines(printFirewallFile(file))).toEqual(lines(text));
    expect(parseFirewallFile(printFirewallFile(file))).toEqual(file);
  }
});

test('a rule is printed as Proxmox printed it in the recording', () => {
  const rules = recordedFiles().flatMap((text) => sectionLines(parseFirewallFile(text), 'RULES'));
  const ssh = {
    type: 'in',
    action: 'ACCEPT',
    proto: 'tcp',
    port: '22',
    source: '10.0.0.0/24',
    comment: 'ssh',
  } as const;
  expect(rules).toContain(printFirewallRule(ssh));
  expect(rules).toContain(`|${printFirewallRule({ type: 'out', action: 'DROP', dest: '10.0.0.9' })}`);
});

test('a rule is compared without its default log level and without extra blanks', () => {
  expect(normalizeRule(' IN  ACCEPT -p tcp -dport 22 -log nolog # ssh ')).toBe(
    'IN ACCEPT -p tcp -dport 22 # ssh',
  );
  expect(normalizeRule('IN ACCEPT -log info')).toBe('IN ACCEPT -log info');
});

test('options are read and sections added where they are missing', () => {
  const file = withSection(parseFirewallFile('[RULES]\nIN DROP\n'), 'OPTIONS', ['enable: 1']);
  expect(printFirewallFile(file)).toBe('[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN DROP\n');
  expect(readFirewallOption(file, 'enable')).toBe('1');
  expect(readFirewallOption(file, 'policy_in')).toBeUndefined();
});
