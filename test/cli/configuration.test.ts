import { describe, expect, test } from 'vitest';
import { runPhoenix } from './run-phoenix.ts';

const web = {
  name: 'web',
  template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
  storage_pool: 'local',
  storage_size_gb: 10,
  memory_mb: 512,
  cores: 1,
  unprivileged: true,
  network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.99.0.10/24', gw: '10.99.0.1' },
};
const base = { ...web, name: 'base', network_config: { ...web.network_config, ip: '10.99.0.11/24' } };

function files(guests: Readonly<Record<string, unknown>>) {
  return {
    'phoenix_hypervisor_config.json': { version: '1' },
    'phoenix_lxc_configs.json': { lxc_configs: guests },
  };
}

const good = files({ 101: { ...web, tags: ['front'], dependencies: ['102'] }, 102: base });

describe('phoenix validate', () => {
  test('a folder that can be used', async () => {
    const { exitCode, stdout, cwd } = await runPhoenix('validate', { files: good });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`${cwd}: 2 guests, 0 errors, 0 warnings.\n`);
  });
  test('a folder that can not, with the place', async () => {
    const broken = files({ 101: { ...web, memory_mb: 'much' } });
    const { exitCode, stdout, stderr } = await runPhoenix('validate', { files: broken });
    expect(exitCode).toBe(65);
    expect(stdout).toMatch(/^Not usable: 1 error/);
    expect(stderr).toMatch(/phoenix_lxc_configs\.json:\d+:\d+/);
  });
  test('as JSON, also where it can not', async () => {
    const broken = files({ 101: { ...web, memory_mb: 'much' } });
    const { exitCode, stdout, stderr } = await runPhoenix('validate --json', { files: broken });
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 65, diagnostics: [{ severity: 'error' }] });
    expect([exitCode, stderr]).toEqual([65, '']);
  });
  test('no folder at all', async () => {
    expect((await runPhoenix('validate')).exitCode).toBe(65);
  });
});

describe('phoenix list', () => {
  test('as a table', async () => {
    const { stdout, exitCode } = await runPhoenix('list', { files: good });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/\s+/))).toEqual([
      ['ID', 'NAME', 'KIND', 'NEEDS', 'TAGS'],
      ['101', 'web', 'lxc', '102', 'front'],
      ['102', 'base', 'lxc'],
      [''],
    ]);
  });
  test('some, as JSON', async () => {
    const { stdout } = await runPhoenix('list tag:front --json', { files: good });
    expect(JSON.parse(stdout)).toMatchObject({ guests: [{ vmid: 101, needs: [102] }] });
  });
  test('an unknown target', async () => {
    const { exitCode, stdout, stderr } = await runPhoenix('list wbe', { files: good });
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Did you mean web?');
  });
});

describe('phoenix schema', () => {
  test('of one file', async () => {
    const { stdout, exitCode } = await runPhoenix('schema lxc');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { lxc_configs: {} } });
  });
  test('of all files', async () => {
    expect(Object.keys(JSON.parse((await runPhoenix('schema')).stdout))).toEqual([
      'hypervisor',
      'lxc',
      'vm',
      'feature',
    ]);
  });
  test('of no file', async () => {
    expect((await runPhoenix('schema everything')).exitCode).toBe(64);
  });
});
