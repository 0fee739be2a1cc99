import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');

/** Texts that mean something to a shell, to Proxmox's files or to a terminal. */
const HOSTILE = [
  '$(touch /tmp/canary)',
  '`touch /tmp/canary`',
  '; touch /tmp/canary',
  '| touch /tmp/canary',
  '&& touch /tmp/canary',
  '|| touch /tmp/canary',
  '> /tmp/canary',
  '< /etc/shadow',
  '"; touch /tmp/canary; "',
  "'; touch /tmp/canary; '",
  '-rf',
  '--force',
  '-',
  '--',
  '-o ProxyCommand=x',
  '*',
  '?',
  '[a-z]',
  '~',
  '~root',
  '!',
  '!!',
  '#',
  '#comment',
  '%s',
  '%n',
  '$HOME',
  '${HOME}',
  '\\',
  '\\\\',
  '\\n',
  'a b',
  ' a',
  'a ',
  'a,b',
  'a=b',
  'a,size=9999G',
  'a,mp=/etc',
  'a:b',
  'a;b',
  '../..',
  '../../etc/passwd',
  '/etc/passwd',
  '/',
  '.',
  '..',
  'a\nb',
  'a\r\nb',
  '\n[snap]\nmemory: 1',
  'a\tb',
  '\u0000',
  'a\u0000b',
  '\u001b[31m',
  '\u0007',
  '\u2028',
  'ä',
  '日本',
  '🔥',
  '\u202e',
  '\ufeff',
  'x'.repeat(100_000),
  '__proto__',
  'constructor',
  'null',
  'true',
  '{}',
  '[]',
  '<script>',
];

/** Keys whose values reach Proxmox's files or a command line, with the few of the texts that they may hold. */
const KEYS: Readonly<
  Record<string, { readonly put: (value: string) => object; readonly fine: readonly string[] }>
> = {
  name: { put: (value) => ({ name: value }), fine: ['constructor', 'null', 'true'] },
  storage_pool: { put: (value) => ({ storage_pool: value }), fine: ['constructor', 'null', 'true'] },
  bridge: { put: (value) => ({ network_config: { bridge: value } }), fine: ['constructor', 'null', 'true'] },
  nic: {
    put: (value) => ({ network_config: { name: value } }),
    fine: ['__proto__', 'constructor', 'null', 'true'],
  },
  ip: { put: (value) => ({ network_config: { ip: value } }), fine: [] },
  gw: { put: (value) => ({ network_config: { ip: '10.0.0.5/24', gw: value } }), fine: [] },
  nameservers: { put: (value) => ({ network_config: { nameservers: value } }), fine: [] },
  mac_address: { put: (value) => ({ mac_address: value }), fine: [] },
  tags: { put: (value) => ({ tags: [value] }), fine: ['__proto__', 'constructor', 'null', 'true'] },
  timezone: { put: (value) => ({ timezone: value }), fine: ['constructor', 'null', 'true'] },
  template_snapshot_name: {
    put: (value) => ({ template_snapshot_name: value }),
    fine: ['constructor', 'null', 'true'],
  },
  pct_options: { put: (value) => ({ pct_options: [value] }), fine: [] },
  apparmor_profile: {
    put: (value) => ({ apparmor_profile: value }),
    fine: ['constructor', 'null', 'true'],
  },
  device: { put: (value) => ({ devices: [value] }), fine: [] },
  volume_pool: {
    put: (value) => ({ volumes: [{ pool: value, size_gb: 1, mount_point: '/a' }] }),
    fine: ['constructor', 'null', 'true'],
  },
  application_script: { put: (value) => ({ application_script: value }), fine: [] },
  feature: { put: (value) => ({ features: [value] }), fine: [] },
  gpu_assignment: { put: (value) => ({ gpu_assignment: value }), fine: [] },
  clone_from_ctid: { put: (value) => ({ clone_from_ctid: value }), fine: [] },
  dependency: { put: (value) => ({ dependencies: [value] }), fine: [] },
  proto: {
    put: (value) => ({ firewall: { rules: [{ type: 'in', action: 'DROP', proto: value }] } }),
    fine: ['-rf', '--force', '-', '--', 'constructor', 'null', 'true'],
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('there are at least 60 hostile values', () => {
  expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(KEYS))('%s', (_, { put, fine }) => {
  test('takes no hostile value', async () => {
    const accepted: string[] = [];
    for (const value of HOSTILE) if (await isAccepted(put(value))) accepted.push(value);
    expect(accepted.sort()).toEqual([...fine].sort());
  });
});

test('mount paths with spaces or signs of a shell are kept as they are', async () => {
  const path = '/srv/a b$(x)`y`;z"q\'';
  const guest = { mount_points: [{ host_path: path, container_path: path }] };
  const { folder: loaded, diagnostics } = await load(guest);
  expect(diagnostics).toEqual([]);
  expect(loaded?.guests.get(101)).toMatchObject({ mounts: [{ hostPath: path, path }] });
});

test.each([{ mount_points: [{ host_path: '/srv/a=b', container_path: '/a' }] }, { devices: ['/dev/a=b'] }])(
  'a source with a "=", which Proxmox takes for an option, is refused: %j',
  async (guest) => {
    const { diagnostics } = await load(guest);
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'config/bad-format' }]);
  },
);

async function isAccepted(keys: object): Promise<boolean> {
  const { diagnostics } = await load(keys);
  return diagnostics.every(({ severity }) => severity !== 'error');
}

async function load(keys: object) {
  const guest = { name: 'web', template: 't.tar.zst', unprivileged: true, ...keys };
  const text = JSON.stringify({ lxc_configs: { 101: guest } });
  await writeFile(join(folder, 'phoenix_lxc_configs.json'), text);
  return await loadFolder({ path: folder, env: {}, cwd: folder, builtinFeatures });
}
