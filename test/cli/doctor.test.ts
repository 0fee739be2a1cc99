import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { World } from '../../src/twin/index.ts';
import { hostWorld } from '../managers/hypervisor/on-host.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

const SOURCES = '/etc/apt/sources.list.d/pve-enterprise.sources';

/** A host with which nothing is wrong. */
function wellWorld(change: (world: World) => void = () => {}): World {
  return hostWorld((world) => {
    world.files[SOURCES] = {
      type: 'file',
      text: 'Types: deb\nURIs: http://download.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-no-subscription\n',
    };
    world.host.pciDevices = [
      { address: '0000:00:02.0', id: '8086:1234', deviceClass: '0x060400', iommuGroup: '1' },
    ];
    change(world);
  });
}

function put(world: World, path: string, text: string): void {
  world.files[path] = { type: 'file', text };
}

async function findingsOf(
  world: World,
): Promise<{ readonly exitCode: number; readonly codes: readonly string[] }> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'n.json'), JSON.stringify(world));
  const { exitCode, stdout } = await runPhoenix('doctor --host twin:n.json --json', { cwd });
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly code: string; readonly remedy?: string }[];
  };
  for (const { code, remedy } of findings) expect([code, remedy]).toEqual([code, expect.stringMatching(/./)]);
  return { exitCode, codes: findings.map(({ code }) => code) };
}

test('a host with which nothing is wrong is well', async () => {
  expect(await findingsOf(wellWorld())).toEqual({ exitCode: 0, codes: [] });
});

const CASES: readonly (readonly [string, (world: World) => void])[] = [
  ['no-quorum', ({ host }) => (host.isQuorate = false)],
  ['name-is-loopback', (world) => put(world, '/etc/hosts', '127.0.0.1 localhost\n127.0.1.1 vm.lan vm\n')],
  [
    'pool-unhealthy',
    ({ host }) => (host.pools['tank'] = { health: 'DEGRADED', isImported: true, vdevs: [] }),
  ],
  [
    'storage-without-pool',
    (world) =>
      put(
        world,
        '/etc/pve/storage.cfg',
        `${world.files['/etc/pve/storage.cfg']?.text}zfspool: lost\n\tpool tank/x\n\tcontent rootdir\n\n`,
      ),
  ],
  [
    'no-snippets',
    (world) =>
      put(world, '/etc/pve/storage.cfg', 'dir: local\n\tpath /var/lib/vz\n\tcontent rootdir,vztmpl\n\n'),
  ],
  [
    'lock-left',
    (world) => {
      const path = '/etc/pve/nodes/vm/lxc/100.conf';
      put(world, path, `lock: backup\n${world.files[path]?.text}`);
    },
  ],
  [
    'firewall-not-running',
    (world) => {
      put(world, '/etc/pve/firewall/cluster.fw', '[OPTIONS]\n\nenable: 1\n');
      world.host.isFirewallRunning = false;
    },
  ],
  ['firewall-half-on', (world) => put(world, '/etc/pve/firewall/100.fw', '[OPTIONS]\n\nenable: 1\n')],
  ['firewall-without-nic', (world) => put(world, '/etc/pve/firewall/100.fw', '[OPTIONS]\n\nenable: 1\n')],
  ['clock', ({ host }) => (host.isClockSynchronised = false)],
  ['no-iommu', ({ host }) => (host.pciDevices = [])],
  ['kernel-waits', ({ host }) => host.installedKernels.push('6.17.10-1-pve')],
  [
    'enterprise-without-subscription',
    (world) =>
      put(
        world,
        SOURCES,
        `${world.files[SOURCES]?.text}\nTypes: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-enterprise\n`,
      ),
  ],
  ['no-repository', (world) => put(world, SOURCES, '')],
  [
    'repository-of-another-release',
    (world) => put(world, '/etc/apt/sources.list', 'deb http://deb.debian.org/debian bookworm main\n'),
  ],
];

test.each(CASES)('doctor/%s is found, with what to do', async (code, damage) => {
  const { codes, exitCode } = await findingsOf(wellWorld(damage));
  expect(codes).toContain(`doctor/${code}`);
  expect(exitCode).toBe(['no-snippets', 'no-iommu', 'kernel-waits'].includes(code) ? 0 : 1);
});

test('for people it says how many things there are to look after', async () => {
  const cwd = await temporaryFolder();
  const world = wellWorld(({ host }) => (host.isClockSynchronised = false));
  await writeFile(join(cwd, 'n.json'), JSON.stringify(world));
  const outcome = await runPhoenix('doctor --host twin:n.json', { cwd });
  expect(outcome).toMatchObject({ exitCode: 1, stdout: 'vm: 1 to look after.\n' });
  expect(outcome.stderr).toContain('The clock is not synchronised');
});
