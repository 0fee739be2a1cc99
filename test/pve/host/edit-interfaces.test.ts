import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editInterfaces, type WantedInterface } from '../../../src/pve/host/edit-interfaces.ts';
import { parseInterfaces, printInterfaces } from '../../../src/pve/host/interfaces-file.ts';

const wanted = (
  name: string,
  {
    link = {},
    linkWhenNew = {},
    inet,
    inet6,
    isAuto = true,
  }: {
    link?: Record<string, string | null>;
    linkWhenNew?: Record<string, string>;
    inet?: [method: string, options: Record<string, string | null>];
    inet6?: [method: string, options: Record<string, string | null>];
    isAuto?: boolean;
  },
): WantedInterface => ({
  name,
  isAuto,
  link: new Map(Object.entries(link)),
  linkWhenNew: new Map(Object.entries(linkWhenNew)),
  families: {
    ...(inet && { inet: { method: inet[0], options: new Map(Object.entries(inet[1])) } }),
    ...(inet6 && { inet6: { method: inet6[0], options: new Map(Object.entries(inet6[1])) } }),
  },
});

const edit = (text: string, list: readonly WantedInterface[], removed: readonly string[] = []): string =>
  printInterfaces(editInterfaces(parseInterfaces(text), list, removed).file);

const HOST = `# mine
auto lo
iface lo inet loopback

auto vmbr0
iface vmbr0 inet static
    address 10.0.0.2
    netmask 255.255.255.0   
    # do not touch
    gateway 10.0.0.1
    bridge_ports eno1 eno2
    post-up echo hello \\
      world

source /etc/network/interfaces.d/*
`;

describe('editing the interfaces', () => {
  test.each<[string, WantedInterface]>([
    [
      'an address given with its netmask',
      wanted('vmbr0', { inet: ['static', { netmask: null, address: '10.0.0.2/24' }] }),
    ],
    [
      'ports in another order and under an old name',
      wanted('vmbr0', { link: { 'bridge-ports': 'eno2 eno1' } }),
    ],
    ['a gateway that is there', wanted('vmbr0', { inet: ['static', { gateway: '10.0.0.1' }] })],
    ['an interface of which nothing is said', wanted('vmbr0', {})],
    ['a second family without address', wanted('vmbr0', { inet6: ['manual', {}] })],
  ])('leaves %s alone', (_name, one) => {
    expect(editInterfaces(parseInterfaces(HOST), [one], []).differences).toEqual([]);
    expect(edit(HOST, [one])).toBe(HOST);
  });

  test('changes only the lines that differ, in place', () => {
    const one = wanted('vmbr0', {
      link: { 'bridge-ports': 'eno1', mtu: '9000' },
      inet: ['static', { netmask: null, address: '10.0.0.3/24', gateway: '10.0.0.1' }],
    });
    expect(edit(HOST, [one])).toBe(
      HOST.replace('    address 10.0.0.2\n    netmask 255.255.255.0   \n', '    address 10.0.0.3/24\n')
        .replace('bridge_ports eno1 eno2', 'bridge_ports eno1')
        .replace('world\n', 'world\n    mtu 9000\n'),
    );
  });

  test('turns a static interface into one with DHCP', () => {
    const one = wanted('vmbr0', { inet: ['dhcp', { netmask: null, address: null, gateway: null }] });
    expect(edit(HOST, [one])).toContain(
      'iface vmbr0 inet dhcp\n    # do not touch\n    bridge_ports eno1 eno2\n',
    );
  });

  test('adds an interface at the end and a family behind its stanza', () => {
    const added = wanted('vmbr1', {
      link: { 'bridge-ports': 'none' },
      linkWhenNew: { 'bridge-stp': 'off', 'bridge-fd': '0' },
      inet: ['static', { netmask: null, address: '10.9.0.1/24' }],
    });
    expect(edit(HOST, [added])).toBe(
      `${HOST}\nauto vmbr1\niface vmbr1 inet static\n\taddress 10.9.0.1/24\n\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n`,
    );
    const six = wanted('vmbr0', { inet6: ['static', { netmask: null, address: 'fd00::2/64' }] });
    expect(edit(HOST, [six])).toBe(
      HOST.replace('world\n', 'world\n\niface vmbr0 inet6 static\n\taddress fd00::2/64\n'),
    );
  });

  test('brings an interface up at boot', () => {
    expect(edit('iface eno1 inet manual\n', [wanted('eno1', {})])).toBe(
      'auto eno1\niface eno1 inet manual\n',
    );
  });

  test('removes an interface and leaves the comments and the others', () => {
    expect(edit('auto a b\niface a inet manual\n\tmtu 1\n# kept\niface b inet dhcp\n', [], ['a'])).toBe(
      'auto b\n# kept\niface b inet dhcp\n',
    );
  });

  test('asks for nothing when it has been carried out, and touches no foreign line', () => {
    const name = fc.constantFrom('vmbr0', 'vmbr1', 'eno1', 'bond0');
    const options = fc.dictionary(
      fc.constantFrom('mtu', 'bridge-ports', 'bond-mode'),
      fc.option(fc.constantFrom('1500', 'eno1 eno2', '1', 'none'), { nil: null }),
    );
    const one = fc
      .record({ name, link: options, address: fc.integer({ min: 2, max: 200 }) })
      .map(({ name, link, address }) =>
        wanted(name, {
          link,
          inet: ['static', { netmask: null, address: `10.0.0.${address}/24`, gateway: null }],
        }),
      );
    const unique = fc.uniqueArray(one, { selector: ({ name }) => name, maxLength: 3 });
    fc.assert(
      fc.property(unique, fc.constantFrom(HOST, '', HOST.trimEnd()), (list, text) => {
        const once = editInterfaces(parseInterfaces(text), list, []);
        const printed = printInterfaces(once.file);
        const again = editInterfaces(parseInterfaces(printed), list, []);
        expect(again.differences).toEqual([]);
        expect(printInterfaces(again.file)).toBe(printed);
        for (const line of ['# mine', 'iface lo inet loopback', '    # do not touch', '      world']) {
          if (text !== '') expect(printed.split('\n')).toContain(line);
        }
      }),
    );
  });
});
