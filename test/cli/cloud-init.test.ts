import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

const CANARY = 'canary-pass-word';

function folder(extra: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const vm = (vmid: number, more: Readonly<Record<string, unknown>>) => ({
    vmid,
    name: `vm-${vmid}`,
    image: { url: 'https://images.test/debian-12.qcow2', sha256: 'a'.repeat(64) },
    storage_pool: 'local',
    memory_mb: 512,
    network_config: { ip: `10.99.0.${vmid % 250}/24`, gw: '10.99.0.1' },
    ...more,
  });
  return {
    'phoenix_hypervisor_config.json': { version: '1' },
    'phoenix_vm_configs.json': {
      vms: [
        vm(301, {
          dependencies: [302],
          cloud_init: {
            users: [{ name: 'ops', password: { from_env: 'OPS' } }],
            packages: ['htop'],
            ...extra,
          },
        }),
        vm(302, {}),
      ],
    },
  };
}

async function place() {
  const cwd = await temporaryFolder();
  let calls = 0;
  const phoenix = (commandLine: string, files: Readonly<Record<string, unknown>> = {}) => {
    calls += 1;
    const now = Date.UTC(2026, 0, calls);
    return runPhoenix(`${commandLine} --host twin:node.json`, {
      cwd,
      files,
      env: { OPS: CANARY },
      io: { now: () => now },
    });
  };
  /** The instance-id of a VM's documents. */
  const instanceOf = async (vmid: number) => {
    const world = JSON.parse(await readFile(join(cwd, 'node.json'), 'utf8')) as {
      readonly files: Readonly<Record<string, { readonly text?: string }>>;
    };
    const { text = '' } = world.files[`/var/lib/vz/snippets/phoenix-${vmid}-meta.yaml`] ?? {};
    return /^instance-id: (.*)$/mu.exec(text)?.[1];
  };
  expect(await phoenix('create 301', folder())).toMatchObject({ exitCode: 0 });
  return { cwd, phoenix, instanceOf };
}

describe('--reseed', () => {
  test('is the way to have done again what cloud-init does once; without it that is left', async () => {
    const { phoenix, instanceOf } = await place();
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-1');
    const left = await phoenix('plan 301', folder({ packages: ['vim'] }));
    expect(left.stdout).toContain('first boot: another packages -> acts only with --reseed');
    expect(left.stderr).toContain('phoenix converge 301 --reseed --allow restart');
    expect(await phoenix('converge 301')).toMatchObject({ exitCode: 3 });
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-1');

    expect(await phoenix('converge 301 --reseed --allow restart')).toMatchObject({ exitCode: 0 });
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-2');
    expect(await phoenix('converge 301')).toMatchObject({ exitCode: 0 });
    expect(await phoenix('converge 301 --reseed --allow restart')).toMatchObject({ exitCode: 0 });
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-3');
  });

  test('concerns the VMs that are named, and not those that they need', async () => {
    const { phoenix, instanceOf } = await place();
    await phoenix('converge 301 --reseed');
    expect([await instanceOf(301), await instanceOf(302)]).toEqual([
      'phoenix-phoenix-301-2',
      'phoenix-phoenix-302-1',
    ]);
  });

  test('in a plan is the same one when the plan is applied', async () => {
    const { phoenix, instanceOf } = await place();
    expect(await phoenix('plan 301 --reseed --allow restart --out plan.json')).toMatchObject({ exitCode: 0 });
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-1');
    expect(await phoenix('apply plan.json')).toMatchObject({ exitCode: 0 });
    expect(await phoenix('apply plan.json')).toMatchObject({ exitCode: 0 });
    expect(await instanceOf(301)).toBe('phoenix-phoenix-301-2');
  });
});

test('neither a password nor its hash is shown, planned or journaled', async () => {
  const { cwd, phoenix } = await place();
  const changed = folder({ packages: ['vim'], hostname: 'www' });
  const outputs = [
    await phoenix('plan 301 --json', changed),
    await phoenix('plan 301 --verbose --reseed --allow restart --out plan.json'),
    await phoenix('converge 301 --json --allow restart'),
    await phoenix('converge 301 --verbose --reseed --allow restart'),
    await phoenix('status'),
    await phoenix('drift'),
    await phoenix('delete 302 --dry-run --verbose'),
  ];
  const shown = outputs.map(({ stdout, stderr }) => stdout + stderr);
  shown.push(await readFile(join(cwd, 'plan.json'), 'utf8'));
  for (const text of shown) expect(text).not.toMatch(/canary|\$6\$/u);
  // The node holds the hash where it must, and the password nowhere.
  const world = await readFile(join(cwd, 'node.json'), 'utf8');
  expect(world).toMatch(/\$6\$/u);
  expect(world).not.toContain(CANARY);
});

test('a plan of a clone can be applied, though only the node will know its MAC', async () => {
  const cwd = await temporaryFolder();
  const phoenix = (commandLine: string) =>
    runPhoenix(`${commandLine} --host twin:node.json`, {
      cwd,
      files: {
        'phoenix_hypervisor_config.json': { version: '1' },
        'phoenix_vm_configs.json': {
          vms: [
            {
              vmid: 900,
              name: 'golden',
              image: { url: 'https://images.test/debian-12.qcow2', sha256: 'a'.repeat(64) },
              storage_pool: 'local',
              is_template: true,
              network_config: { ip: 'dhcp' },
            },
            { vmid: 301, name: 'web', clone_from_vmid: 900, network_config: { ip: '10.99.0.4/24' } },
          ],
        },
      },
    });
  expect(await phoenix('create 900')).toMatchObject({ exitCode: 0 });
  expect(await phoenix('plan 301 --out plan.json')).toMatchObject({ exitCode: 0 });
  expect(await phoenix('apply plan.json')).toMatchObject({ exitCode: 0 });
  const world = JSON.parse(await readFile(join(cwd, 'node.json'), 'utf8')) as {
    readonly files: Readonly<Record<string, { readonly text?: string }>>;
  };
  const config = world.files['/etc/pve/nodes/vm/qemu-server/301.conf']?.text ?? '';
  const mac = /^net0: virtio=([0-9A-F:]{17})/mu.exec(config)?.[1]?.toLowerCase();
  expect(mac).toMatch(/^bc:24:11:/u);
  expect(world.files['/var/lib/vz/snippets/phoenix-301-network.yaml']?.text).toContain(
    `macaddress: "${mac}"`,
  );
});
