import { expect, test } from 'vitest';
import { observedRepositories, withRepository } from '../../../src/pve/host/repositories.ts';

const LIST = `# a comment about deb things
deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise
#deb [signed-by=/usr/share/keyrings/x.gpg] http://download.proxmox.com/debian/pve bookworm pve-no-subscription

deb http://deb.debian.org/debian bookworm main contrib # theirs
`;
const SOURCES = `# by the installer
Types: deb
URIs: https://enterprise.proxmox.com/debian/pve
Suites: trixie
Components: pve-enterprise
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg


Types: deb deb-src
URIs: http://deb.debian.org/debian/
Suites: trixie
 trixie-updates
Components: main
Enabled: no
`;
const LIST_PATH = '/etc/apt/sources.list';
const SOURCES_PATH = '/etc/apt/sources.list.d/pve-enterprise.sources';
const entries = observedRepositories(
  new Map([
    [LIST_PATH, LIST],
    [SOURCES_PATH, SOURCES],
    ['/etc/apt/sources.list.d/ignored.list.bak', 'deb http://x y z'],
  ]),
);

test('both forms of apt sources are read', () => {
  expect(entries.map(({ file, enabled, suites, components }) => [file, enabled, suites, components])).toEqual(
    [
      [LIST_PATH, true, ['bookworm'], ['pve-enterprise']],
      [LIST_PATH, false, ['bookworm'], ['pve-no-subscription']],
      [LIST_PATH, true, ['bookworm'], ['main', 'contrib']],
      [SOURCES_PATH, true, ['trixie'], ['pve-enterprise']],
      [SOURCES_PATH, false, ['trixie', 'trixie-updates'], ['main']],
    ],
  );
});

test('switching an entry changes its own lines and nothing else', () => {
  const [enterprise, free, , stanza, debian] = entries;
  expect(withRepository(LIST, enterprise!, false)).toBe(LIST.replace('deb https', '# deb https'));
  expect(withRepository(LIST, free!, true)).toBe(LIST.replace('#deb', 'deb'));
  expect(withRepository(SOURCES, stanza!, false)).toBe(
    SOURCES.replace('Types: deb\n', 'Enabled: no\nTypes: deb\n'),
  );
  expect(withRepository(SOURCES, debian!, true)).toBe(SOURCES.replace('Enabled: no\n', ''));
});
