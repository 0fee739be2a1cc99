import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import type { DesiredHypervisor } from '../../src/model/desired.ts';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'phoenix-network-'));
});
afterEach(() => rm(path, { recursive: true }));

async function hypervisorOf(content: object): Promise<DesiredHypervisor | undefined> {
  await writeFile(join(path, 'phoenix_hypervisor_config.json'), JSON.stringify(content));
  const cwd = resolve(import.meta.dirname, '../..');
  const { folder, diagnostics } = await loadFolder({
    path,
    env: {},
    cwd,
    builtinFeatures: resolve(cwd, 'features'),
  });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return folder?.hypervisor;
}

test("the predecessor's one object is a bridge whose ports stay as they are found", async () => {
  const legacy = {
    network: {
      interfaces: { name: 'vmbr0', address: '10.0.0.13/24', gateway: '10.0.0.1', dns_nameservers: '8.8.8.8' },
    },
  };
  expect((await hypervisorOf(legacy))?.network).toMatchObject({
    interfaces: [{ kind: 'bridge', name: 'vmbr0', address: '10.0.0.13/24', gateway: '10.0.0.1' }],
    nameservers: ['8.8.8.8'],
    confirmWithinSeconds: 90,
  });
  expect((await hypervisorOf(legacy))?.network?.interfaces[0]).not.toHaveProperty('ports');
  const list = { network: { interfaces: { dns_nameservers: ['10.0.0.153', '8.8.8.8'] } } };
  expect((await hypervisorOf(list))?.network).toMatchObject({
    interfaces: [],
    nameservers: ['10.0.0.153', '8.8.8.8'],
  });
});

test('bridges, bonds, VLANs and cards are interfaces, each with what it says', async () => {
  const network = {
    bridges: [{ name: 'vmbr1', ports: ['bond0'], vlan_aware: true, vlan_ids: '2-20, 30' }],
    bonds: [
      { name: 'bond0', members: ['eno1', 'eno2'], mode: '802.3ad', hash_policy: 'layer3+4', mtu: 9000 },
    ],
    vlans: [{ device: 'vmbr1', tag: 5, address: 'dhcp', address6: 'FD00::5/64' }],
    nics: [{ name: 'eno3', address: 'manual' }],
    confirm_within_seconds: 30,
  };
  const found = (await hypervisorOf({ network }))?.network;
  expect(found?.interfaces.map(({ position: _position, ...rest }) => rest)).toEqual([
    { kind: 'bridge', name: 'vmbr1', ports: ['bond0'], isVlanAware: true, vlanIds: '2-20 30' },
    {
      kind: 'bond',
      name: 'bond0',
      members: ['eno1', 'eno2'],
      mode: '802.3ad',
      hashPolicy: 'layer3+4',
      mtu: 9000,
    },
    { kind: 'vlan', name: 'vmbr1.5', device: 'vmbr1', tag: 5, address: 'dhcp', address6: 'fd00::5/64' },
    { kind: 'plain', name: 'eno3', address: 'manual' },
  ]);
  expect(found?.confirmWithinSeconds).toBe(30);
});

test('a network that says nothing of interfaces or name servers is not managed', async () => {
  expect((await hypervisorOf({ network: { hostname: 'pve', workgroup: 'HOME' } }))?.network).toBeUndefined();
});

test("the predecessor's firewall keys and the new ones describe the datacenter's and the host's", async () => {
  const firewall = {
    enabled: true,
    default_input_policy: 'DROP',
    default_output_policy: 'ACCEPT',
    global_firewall_rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '8000-8010', comment: 'a' }],
    rules: [{ type: 'group', group: 'web' }],
    aliases: [{ name: 'office', address: '10.1.0.0/24' }],
    ip_sets: [{ name: 'management', entries: ['office', '!10.1.0.9'], comment: 'us' }],
    security_groups: [{ name: 'web', rules: [{ type: 'in', action: 'ACCEPT', macro: 'HTTPS' }] }],
    host: { rules: [{ type: 'in', action: 'ACCEPT', macro: 'SSH', source: '+management' }] },
  };
  expect((await hypervisorOf({ firewall }))?.firewall).toMatchObject({
    datacenter: {
      enabled: true,
      inputPolicy: 'DROP',
      outputPolicy: 'ACCEPT',
      rules: [
        { type: 'in', action: 'ACCEPT', proto: 'tcp', port: '8000:8010', comment: 'a' },
        { type: 'group', group: 'web' },
      ],
    },
    host: { rules: [{ type: 'in', action: 'SSH(ACCEPT)', source: '+management' }] },
    aliases: [{ name: 'office', address: '10.1.0.0/24' }],
    ipSets: [{ name: 'management', entries: ['office', '!10.1.0.9'], comment: 'us' }],
    groups: [{ name: 'web', rules: [{ type: 'in', action: 'HTTPS(ACCEPT)' }] }],
  });
});
