import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, isAddress } from '../../../src/pve/host/address.ts';
import { letsIn } from '../../../src/pve/host/firewall-verdict.ts';
import { isAdmitted } from '../../../src/twin/host-tools/admitted.ts';

const SSH = { client: '203.0.113.9', address: '10.0.0.13', port: 22, network: '10.0.0.13/24' };
const ON = '[OPTIONS]\nenable: 1\n';

describe('whether the firewall of the host lets somebody in', () => {
  test.each<[string, string, string, boolean]>([
    ['is off', '[OPTIONS]\nenable: 0\npolicy_in: DROP\n', '', true],
    ['is off for want of a word', '[OPTIONS]\npolicy_in: DROP\n', '', true],
    ['is off on this host', ON, '[OPTIONS]\nenable: 0\n', true],
    ['drops by default', ON, '', false],
    ['accepts by policy', `${ON}policy_in: ACCEPT\n`, '', true],
    ['has a rule for SSH', `${ON}[RULES]\nIN ACCEPT -p tcp -dport 22\n`, '', true],
    ['has a macro for SSH', `${ON}[RULES]\nIN SSH(ACCEPT) -source 203.0.113.0/24\n`, '', true],
    ['has a rule for another port', `${ON}[RULES]\nIN ACCEPT -p tcp -dport 80,443\n`, '', false],
    ['has a range of ports', `${ON}[RULES]\nIN ACCEPT -p tcp -dport 20:30\n`, '', true],
    ['has a rule that is switched off', `${ON}[RULES]\n|IN ACCEPT -p tcp -dport 22\n`, '', false],
    ['has only rules for UDP', `${ON}[RULES]\nIN ACCEPT -p udp -dport 22\n`, '', false],
    ['lets it out', `${ON}[RULES]\nOUT ACCEPT -p tcp -dport 22\n`, '', false],
    ['drops first', `${ON}[RULES]\nIN DROP -source 203.0.113.9\nIN ACCEPT\n`, '', false],
    ['has a rule of the host before', `${ON}[RULES]\nIN DROP\n`, '[RULES]\nIN SSH(ACCEPT)\n', true],
    ['knows it as a manager', `${ON}[IPSET management] # us\n203.0.113.9 # me\n`, '', true],
    ['takes it out of the managers', `${ON}[IPSET management]\n203.0.113.0/24\n!203.0.113.9\n`, '', false],
    ['knows it by an alias', `${ON}[ALIASES]\nme 203.0.113.9\n[RULES]\nIN ACCEPT -source me\n`, '', true],
    ['knows it by a set', `${ON}[IPSET us]\n203.0.113.0/28\n[RULES]\nIN ACCEPT -source +dc/us\n`, '', true],
    ['lets a group in', `${ON}[RULES]\nGROUP web\n[group web]\nIN ACCEPT -p tcp -dport 22\n`, '', true],
    ['only lets in over an interface', `${ON}[RULES]\nIN ACCEPT -i vmbr9 -p tcp -dport 22\n`, '', false],
    ['drops over an interface', `${ON}policy_in: ACCEPT\n[RULES]\nIN DROP -i vmbr0\n`, '', false],
    ['names somebody unknown', `${ON}[RULES]\nIN ACCEPT -source nobody\n`, '', false],
    ['lets in who comes to another address', `${ON}[RULES]\nIN ACCEPT -dest 10.0.0.14\n`, '', false],
    ['takes another network for its own', `${ON}[ALIASES]\nlocal_network 203.0.113.0/24\n`, '', true],
  ])('where it %s', (_name, datacenter, host, expected) => {
    expect(letsIn(datacenter, host, SSH)).toBe(expected);
  });

  test.each<[string, number, boolean]>([
    ['10.0.0.50', 22, true],
    ['10.0.0.50', 8006, true],
    ['10.0.0.50', 443, false],
    ['10.0.1.50', 22, false],
    ['fd00::5', 22, false],
  ])('by default from %s to port %i: %s', (client, port, expected) => {
    expect(letsIn(ON, '', { ...SSH, client, port })).toBe(expected);
  });

  test('the model of the twin, written apart from it, judges alike', () => {
    const place = fc.constantFrom('203.0.113.9', '203.0.113.0/24', '10.0.0.0/8', 'me', '+us', '+dc/us');
    const rule = fc
      .record({
        type: fc.constantFrom('IN', 'OUT'),
        action: fc.constantFrom('ACCEPT', 'DROP', 'REJECT', 'SSH(ACCEPT)', 'Ping(DROP)'),
        source: fc.option(place),
        dest: fc.option(fc.constantFrom('10.0.0.13', '10.0.0.14')),
        port: fc.option(fc.constantFrom('22', '80', '1:100', '80,22')),
      })
      .map(
        ({ type, action, source, dest, port }) =>
          `${type} ${action}${source === null ? '' : ` -source ${source}`}${dest === null ? '' : ` -dest ${dest}`}${port === null ? '' : ` -p tcp -dport ${port}`}`,
      );
    const rules = fc.array(
      fc.oneof({ weight: 5, arbitrary: rule }, { weight: 1, arbitrary: fc.constant('GROUP web') }),
      { maxLength: 4 },
    );
    const section = (name: string, lines: readonly string[]): string => `[${name}]\n${lines.join('\n')}\n`;
    let admitted = 0;
    fc.assert(
      fc.property(
        fc.record({
          enable: fc.constantFrom('1', '0'),
          policy: fc.constantFrom('ACCEPT', 'DROP'),
          cluster: rules,
          host: rules,
          group: fc.array(rule, { maxLength: 2 }),
          managers: fc.subarray(['10.9.0.0/16', '203.0.113.9', 'me']),
          client: fc.constantFrom('203.0.113.9', '10.0.0.50', '10.9.0.1'),
        }),
        ({ enable, policy, cluster, host, group, managers, client }) => {
          const datacenter = [
            section('OPTIONS', [`enable: ${enable}`, `policy_in: ${policy}`]),
            section('ALIASES', ['me 203.0.113.9 # it is']),
            section('IPSET us', ['203.0.113.0/28']),
            section('IPSET management', managers),
            section('RULES', cluster),
            section('group web', group),
          ].join('\n');
          const own = section('RULES', host);
          const expected = isAdmitted(
            { cluster: datacenter, host: own },
            { source: client, address: '10.0.0.13', network: '10.0.0.0/24', port: 22 },
          );
          if (expected) admitted += 1;
          expect(letsIn(datacenter, own, { ...SSH, client })).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
    expect(admitted).toBeGreaterThan(200);
  });
});

test.each<[string, string, boolean]>([
  ['10.0.0.0/24', '10.0.0.255', true],
  ['10.0.0.0/24', '10.0.1.0', false],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['10.0.0.5', '10.0.0.5', true],
  ['10.0.0.5-10.0.0.9', '10.0.0.9', true],
  ['10.0.0.5-10.0.0.9', '10.0.0.10', false],
  ['fd00::/8', 'fdab::1', true],
  ['fd00::1', 'fd00:0:0:0:0:0:0:1', true],
  ['::/0', '10.0.0.1', false],
  ['10.0.0.0/8', 'fd00::1', false],
])('%s holds %s: %s', (place, address, expected) => {
  expect(contains(place, address)).toBe(expected);
});

test.each([
  ['10.0.0.0/24', true],
  ['fd00::1', true],
  ['10.0.0.1-10.0.0.2', true],
  ['office', false],
  ['dead-beef', false],
])('%s is an address: %s', (text, expected) => {
  expect(isAddress(text)).toBe(expected);
});
