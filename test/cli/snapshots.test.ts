import { describe, expect, test } from 'vitest';
import { EXAMPLE, folderFiles, guest } from './guests-folder.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

async function place(files: Readonly<Record<string, unknown>> = EXAMPLE) {
  const cwd = await temporaryFolder();
  const phoenix = (commandLine: string, more: Readonly<Record<string, unknown>> = {}) =>
    runPhoenix(`${commandLine} --host twin:node.json`, { cwd, files: more });
  const on = async (words: string) =>
    (await runPhoenix(`node --host twin:node.json -- ${words}`, { cwd })).stdout;
  await phoenix('create 203', files);
  return {
    phoenix,
    on,
    config: () => on('pct config 203'),
    record: () => on('cat /etc/pve/priv/phoenix/203.json'),
  };
}

const alone = (more: Readonly<Record<string, unknown>>) =>
  folderFiles({ 203: guest(203, { name: 'alone', tags: ['spare'], ...more }) });

describe('snapshot and rollback', () => {
  test('a guest is taken back to what it was, its firewall and the record of it too, and runs', async () => {
    const { phoenix, on, config, record } = await place();
    expect(await phoenix('snapshot 203 --name clean')).toMatchObject({ exitCode: 0 });
    const before = await config();
    await phoenix(
      'converge 203 --allow restart',
      alone({
        memory_mb: 1024,
        devices: ['/dev/fuse'],
        firewall: { rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '80' }] },
      }),
    );
    expect(await config()).toContain('memory: 1024');
    expect(await record()).toContain('/dev/fuse');
    expect(await on('cat /etc/pve/firewall/203.fw')).toContain('IN ACCEPT');
    expect(await phoenix('rollback 203 --name clean --yes')).toMatchObject({ exitCode: 0 });
    expect(await config()).toBe(before);
    expect(await on('pct list')).toMatch(/^203 +running/mu);
    expect(JSON.parse(await record())).toMatchObject({ devices: [], firewallRules: [] });
    expect(await record()).not.toContain('rollingBackTo');
    expect(await on('cat /etc/pve/firewall/203.fw')).not.toContain('IN ACCEPT');
  });

  test('taken twice it is one; what it was before stands', async () => {
    const { phoenix, on } = await place();
    await phoenix('snapshot 203 --name clean');
    expect((await phoenix('snapshot 203 --name clean')).stdout).toContain('1 unchanged');
    expect(await on('pct listsnapshot 203')).toMatch(/clean/);
  });

  test('a rollback that was killed at any operation is done by the same command', async () => {
    for (let index = 0; ; index += 1) {
      const { phoenix, on, record } = await place();
      await phoenix('snapshot 203 --name clean');
      await on('pct set 203 --memory 900');
      const first = await phoenix(`rollback 203 --name clean --yes --twin-fault kill:${index}`);
      if (first.exitCode === 0) {
        expect(index).toBe(3);
        break;
      }
      expect(await phoenix('rollback 203 --name clean --yes')).toMatchObject({ exitCode: 0 });
      expect(await on('pct config 203')).toContain('memory: 512');
      expect(await record()).not.toContain('rollingBackTo');
    }
  });

  test('without a yes nothing is taken back', async () => {
    const { phoenix, on } = await place();
    await phoenix('snapshot 203 --name clean');
    await on('pct set 203 --memory 900');
    expect(await phoenix('rollback 203 --name clean')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('would be lost in: 203 alone') as string,
    });
    expect(await on('pct config 203')).toContain('memory: 900');
    expect((await phoenix('rollback 203 --name clean --dry-run')).stdout).toContain(
      'pct rollback 203 clean --start 1',
    );
    expect(await on('pct config 203')).toContain('memory: 900');
  });

  test.each([
    ['snapshot 203', 64, 'Which snapshot?'],
    ['snapshot 203 --name 1bad', 64, 'does not take "1bad"'],
    ['snapshot 203 --name current', 64, 'does not take "current"'],
    ['rollback 203 --yes', 1, 'has no snapshot phoenix-before'],
    ['rollback 202 --yes', 1, '202'],
    ['snapshot 777 --name a1', 64, 'Unknown target'],
  ])('%s is refused', async (commandLine, exitCode, said) => {
    const { phoenix } = await place();
    expect(await phoenix(commandLine)).toMatchObject({
      exitCode,
      stderr: expect.stringContaining(said) as string,
    });
  });

  test('a guest that can have none is refused with the reason and the alternative', async () => {
    const { phoenix, on } = await place(alone({ storage_pool: 'local' }));
    const { exitCode, stderr } = await phoenix('snapshot 203 --name clean');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('rootfs is on a storage of type dir');
    expect(stderr).toContain('vzdump 203 --mode snapshot');
    expect(await on('pct listsnapshot 203')).not.toContain('clean');
  });

  test("somebody else's guest is left alone", async () => {
    const { phoenix, on } = await place(folderFiles({ 101: guest(101, { name: 'ct101' }), 203: guest(203) }));
    expect(await phoenix('snapshot 101 --name clean')).toMatchObject({ exitCode: 1 });
    expect(await on('pct listsnapshot 101')).not.toContain('clean');
  });
});

describe('on_failure', () => {
  test('of the folder holds for guests that say nothing of it', async () => {
    const { phoenix, on } = await place();
    const files = {
      ...alone({ memory_mb: 1024, health_check: { command: 'true' } }),
      'phoenix_hypervisor_config.json': { on_failure: 'rollback' },
    };
    const plan = await phoenix('plan 203', files);
    expect(plan.stdout).toContain('pct snapshot 203 phoenix-before');
    const kept = alone({ memory_mb: 1024, on_failure: 'keep' });
    expect(
      (await phoenix('plan 203', { ...kept, 'phoenix_hypervisor_config.json': { on_failure: 'rollback' } }))
        .stdout,
    ).not.toContain('snapshot');
    expect(await on('pct config 203')).toContain('memory: 512');
  });
});
