import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderFiles, guest } from './guests-folder.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

async function place(files: Readonly<Record<string, unknown>> = {}) {
  const cwd = await temporaryFolder();
  const phoenix = (commandLine: string, more: Readonly<Record<string, unknown>> = {}) =>
    runPhoenix(`${commandLine} --host twin:node.json`, { cwd, files: more });
  const on = async (words: string) =>
    (await runPhoenix(`node --host twin:node.json -- ${words}`, { cwd })).stdout;
  const pct = async (words: string) => await on(`pct ${words}`);
  await phoenix('status', files);
  return { cwd, phoenix, on, pct, textOf: (name: string) => readFile(join(cwd, name), 'utf8') };
}

describe('import', () => {
  test('writes what runs into a new folder and touches nothing; adopted, nothing is left to do', async () => {
    const { phoenix, pct, textOf } = await place();
    await pct('set 101 --mp0 local:2,mp=/data --memory 700 --tags web');
    const before = await pct('config 101');
    expect(await phoenix('import 101 --config lab')).toMatchObject({ exitCode: 0 });
    expect(await pct('config 101')).toBe(before);
    const text = await textOf('lab/phoenix_lxc_configs.json');
    expect(text).toContain('"memory_mb": 700');
    expect(text).toContain('"volumes": [{ "pool": "local", "size_gb": 2, "mount_point": "/data" }]');
    expect(text).toContain('rootfs size 1G: outside what a folder may say');
    expect(await phoenix('plan 101 --config lab')).toMatchObject({ exitCode: 1 });
    expect(await phoenix('converge 101 --adopt --config lab')).toMatchObject({ exitCode: 0 });
    expect(await pct('config 101')).toContain('phoenix%3A phoenix/101');
    expect((await phoenix('plan --config lab')).stdout).toContain('Nothing to do');
  });

  test('--adopt does both in one go', async () => {
    const { phoenix, pct } = await place();
    expect(await phoenix('import 100 101 --adopt --config lab')).toMatchObject({ exitCode: 0 });
    expect(await pct('config 100')).toContain('phoenix%3A phoenix/100');
    expect((await phoenix('plan --config lab')).stdout).toContain('Nothing to do');
  });

  test('--adopt takes over what an earlier import wrote', async () => {
    const { phoenix, pct } = await place();
    await phoenix('import 100 --config lab');
    expect(await phoenix('import 100 --adopt --config lab')).toMatchObject({ exitCode: 0 });
    expect(await pct('config 100')).toContain('phoenix%3A phoenix/100');
  });

  test('a virtual machine too, and what is stopped stays so', async () => {
    const { phoenix, on, textOf } = await place();
    await on('qm set 210 --memory 1024 --scsi0 local:4 --tags db');
    const before = await on('qm config 210');
    expect(await phoenix('import 210 --adopt --config lab')).toMatchObject({ exitCode: 0 });
    expect(await textOf('lab/phoenix_vm_configs.json')).toContain('"stays_stopped": true');
    const after = await on('qm config 210');
    expect(after.replace(/^description: .*\n/m, '')).toBe(before);
    expect(await on('qm status 210')).toContain('stopped');
    expect((await phoenix('plan --config lab')).stdout).toContain('Nothing to do');
    expect(await phoenix('start 210 --config lab')).toMatchObject({ exitCode: 0 });
    expect(await on('qm status 210')).toContain('running');
    await phoenix('stop 210 --force --config lab');
    expect(await phoenix('converge 210 --config lab')).toMatchObject({ exitCode: 0 });
    expect(await on('qm status 210')).toContain('stopped');
  });

  test('--dry-run shows and writes nothing', async () => {
    const { cwd, phoenix } = await place();
    const { stdout } = await phoenix('import 101 --dry-run');
    expect(stdout).toContain('"101": {');
    expect((await readdir(cwd)).filter((name) => name.startsWith('phoenix'))).toEqual([]);
  });

  test('what the folder has stays, comments too, and is not written again', async () => {
    const mine = '{\n  // do not touch\n  "lxc_configs": {}\n}\n';
    const { phoenix, textOf } = await place({ 'phoenix_lxc_configs.json': mine });
    await phoenix('import 100');
    const first = await textOf('phoenix_lxc_configs.json');
    expect(first).toMatch(/^\{\n {2}\/\/ do not touch\n/);
    const again = await phoenix('import 100 101');
    expect(again.stderr).toContain('left out: the folder has it already');
    expect((await textOf('phoenix_lxc_configs.json')).startsWith(first.trimEnd().slice(0, -10))).toBe(true);
  });

  test('a folder that would not be valid with it stays as it was', async () => {
    const { phoenix, pct, textOf } = await place(
      folderFiles({ 203: guest(203, { network_config: { name: 'eth0', ip: '10.99.0.7/24' } }) }),
    );
    await pct('set 101 --net0 name=eth0,bridge=vmbr0,ip=10.99.0.7/24');
    const before = await textOf('phoenix_lxc_configs.json');
    const { exitCode, stderr } = await phoenix('import 101');
    expect([exitCode, stderr]).toEqual([65, expect.stringContaining('config/duplicate-ip') as string]);
    expect(stderr).toContain('cli/would-not-be-valid');
    expect(await textOf('phoenix_lxc_configs.json')).toBe(before);
  });

  test("another folder's guest is left out", async () => {
    const { cwd, phoenix } = await place();
    await runPhoenix(
      ['node', '--host', 'twin:node.json', '--', 'pct', 'set', '101', '--description', 'phoenix: other/101'],
      {
        cwd,
      },
    );
    const { stderr } = await phoenix('import --all --config lab');
    expect(stderr).toContain('it belongs to the folder other');
  });

  test.each([
    ['import', 'Name ids, or --all'],
    ['import 555', 'has no guest 555'],
    ['import web', 'has no guest web'],
  ])('%s is refused', async (commandLine, said) => {
    const { phoenix } = await place();
    expect(await phoenix(commandLine)).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining(said) as string,
    });
  });

  test('YAML is refused before anything', async () => {
    const { phoenix } = await place({ 'phoenix_lxc_configs.yaml': 'lxc_configs: {}\n' });
    expect(await phoenix('import 101')).toMatchObject({
      exitCode: 65,
      stderr: expect.stringContaining('writes only into JSON') as string,
    });
  });
});
