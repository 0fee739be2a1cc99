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

test('recorded files come back byte for byte', () => {
  const files = recordedFiles();
  expect(files.length).toBeGreaterThan(3);
  for (const text of files) {
    const file = parseFirewallFile(text);
    expect(printFirewallFile(file)).toBe(text);
    expect(file.map(({ name }) => name)).toContain('RULES');
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

test.each([
  ['its default log level', ' IN  ACCEPT -log nolog -p tcp # a', 'IN ACCEPT -p tcp # a'],
  ['nothing of its comment', 'IN ACCEPT # x -log nolog', 'IN ACCEPT # x -log nolog'],
])('a rule is compared without %s', (_, line, expected) => {
  expect(normalizeRule(line)).toBe(expected);
});

test('an empty comment is none: Proxmox drops it at its next write', () => {
  expect(printFirewallRule({ type: 'in', action: 'DROP', comment: ' ' })).toBe('IN DROP');
});

test('what stands behind the header of an IP set belongs to it', () => {
  const file = parseFirewallFile('[RULES]\n\nIN DROP\n\n[IPSET web] # front ends\n\n10.0.0.1\n');
  expect(sectionLines(file, 'RULES')).toEqual(['', 'IN DROP', '']);
  expect(sectionLines(file, 'IPSET WEB')).toEqual(['', '10.0.0.1', '']);
});

test('options are read and sections added where they are missing', () => {
  const file = withSection(parseFirewallFile('[RULES]\nIN DROP\n'), 'OPTIONS', ['enable: 1']);
  expect(printFirewallFile(file)).toBe('[OPTIONS]\n\nenable: 1\n\n[RULES]\nIN DROP\n');
  expect(readFirewallOption(file, 'enable')).toBe('1');
  expect(readFirewallOption(file, 'policy_in')).toBeUndefined();
});
