import { describe, expect, test } from 'vitest';
import { runPhoenix, temporaryFolder, type RunOutcome } from './run-phoenix.ts';

/** A container that depends on a VM, and a VM that depends on the container; both VMs are clones. */
const MIXED = {
  'phoenix_hypervisor_config.json': {},
  'phoenix_lxc_configs.json': {
    lxc_configs: {
      '201': {
        name: 'proxy',
        template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
        storage_pool: 'local',
        storage_size_gb: 10,
        unprivileged: true,
        dependencies: ['1001'],
      },
    },
  },
  'phoenix_vm_configs.json': {
    vms: [
      {
        vmid: 9000,
        name: 'golden',
        template_image: 'noble-server-cloudimg-amd64.img',
        storage_pool: 'local',
        is_template: true,
      },
      { vmid: 1001, name: 'database', clone_from_vmid: 9000, start_at_boot: true },
      { vmid: 1002, name: 'web', clone_from_vmid: 9000, start_at_boot: true, dependencies: [201] },
    ],
  },
};
const HOST = '--host twin:node.json';

async function made(): Promise<string> {
  const cwd = await temporaryFolder();
  const end = await runPhoenix(`create all ${HOST}`, { cwd, files: MIXED });
  expect(end).toMatchObject({ exitCode: 0 });
  return cwd;
}

/** Which of our guests run, by the node's own tools. */
async function running(cwd: string): Promise<readonly number[]> {
  const lists = await Promise.all(
    ['pct list', 'qm list'].map((tool) => runPhoenix(`node ${HOST} -- ${tool}`, { cwd })),
  );
  const rows = lists.flatMap(({ stdout }) => stdout.split('\n'));
  const ids = rows.flatMap((row) => (row.includes('running') ? [Number(/\d+/.exec(row)?.[0])] : []));
  return ids.filter((id) => id > 101).toSorted((a, b) => a - b);
}

/** The targets in the order in which they ended. */
function order({ stdout }: RunOutcome): readonly unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line.includes('"target-end"'))
    .map((line) => (JSON.parse(line) as { readonly target: unknown }).target);
}

describe('a mixed folder', () => {
  test('is made along its dependencies, whatever the kinds, and a second time nothing', async () => {
    const cwd = await temporaryFolder();
    const first = await runPhoenix(`create web ${HOST} --json`, { cwd, files: MIXED });
    expect([first.exitCode, order(first)]).toEqual([0, [9000, 1001, 201, 1002]]);
    expect(await running(cwd)).toEqual([201, 1001, 1002]);
    const second = await runPhoenix(`create all ${HOST}`, { cwd });
    expect(second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('4 unchanged.') as string });
    const status = await runPhoenix(`status ${HOST}`, { cwd });
    expect(status.stdout).toMatch(/1001 +database +vm +running/);
    expect(status.stdout).toMatch(/9000 +golden +vm +stopped +template/);
  });

  test('a plan says the same, and does nothing', async () => {
    const cwd = await temporaryFolder();
    const plan = await runPhoenix('plan --host twin', { cwd, files: MIXED });
    expect(plan.exitCode).toBe(0);
    expect(plan.stdout).toMatch(
      /qm create 9000 [^]*qm template 9000[^]*qm clone 9000 1001 [^]*pct create 201 /,
    );
  });

  test('up starts what starts with the host, after what it depends on; never a template (D-61)', async () => {
    const cwd = await made();
    await runPhoenix(`stop all ${HOST}`, { cwd });
    expect(await running(cwd)).toEqual([]);
    expect((await runPhoenix(`start web ${HOST}`, { cwd })).exitCode).toBe(0);
    expect(await running(cwd)).toEqual([201, 1001, 1002]);
    const end = await runPhoenix(`start golden ${HOST}`, { cwd });
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toContain('"clone_from_vmid": "9000"');
  });

  test('stop takes what depends on a target with it only where that is asked for (D-04)', async () => {
    const cwd = await made();
    expect((await runPhoenix(`stop database ${HOST}`, { cwd })).exitCode).toBe(0);
    expect(await running(cwd)).toEqual([201, 1002]);
    const end = await runPhoenix(`stop database --with-dependents ${HOST} --json`, { cwd });
    expect([end.exitCode, order(end)]).toEqual([0, [1002, 201, 1001]]);
    expect(await running(cwd)).toEqual([]);
  });

  test('restart and health-check act on VMs', async () => {
    const cwd = await made();
    expect((await runPhoenix(`restart database ${HOST}`, { cwd })).exitCode).toBe(0);
    expect((await runPhoenix(`health-check all ${HOST}`, { cwd })).exitCode).toBe(0);
    const { stdout } = await runPhoenix(`exec database ${HOST} -- cat /var/lib/phoenix/none`, { cwd });
    expect(stdout).toBe('');
  });

  test('delete refuses a template with clones, and a cascade takes all of them (D-01, D-03)', async () => {
    const cwd = await made();
    const refused = await runPhoenix(`delete golden --yes ${HOST}`, { cwd });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('1001 database is a linked clone of it');
    const dry = await runPhoenix(`delete golden --cascade --dry-run ${HOST}`, { cwd });
    expect(dry.stdout).toContain('qm destroy 9000 --purge 1');
    expect(await running(cwd)).toEqual([201, 1001, 1002]);
    expect((await runPhoenix(`delete golden --cascade --yes ${HOST}`, { cwd })).exitCode).toBe(0);
    const left = await runPhoenix(`node ${HOST} -- qm list`, { cwd });
    expect(left.stdout).not.toMatch(/9000|1001|1002/);
    const files = await runPhoenix(`node ${HOST} -- cat /var/lib/vz/snippets/phoenix-1001-user.yaml`, {
      cwd,
    });
    expect(files.exitCode).not.toBe(0);
  });
});
