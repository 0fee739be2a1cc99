import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operationsOf } from './events.ts';
import { hostileValues } from './hostile-values.ts';
import { type Place, ROOT, openPlace } from './open-place.ts';

const CANARY = `/tmp/phoenix-canary-${process.pid}`;

/** What the configuration takes: everything on one line and not longer than a text may be. */
const VALUES = hostileValues(CANARY).filter(
  (value) => value.length <= 4096 && !/[\p{Cc}\u2028]/u.test(value),
);

/** Those that can stand in a path: Proxmox has no way to write the others. */
const NAMES = VALUES.filter((value) => !/[,\\/]|\s$/.test(value) && value.length < 200);

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart');
  await rm(CANARY, { force: true });
});
afterAll(() => place.dispose());

const inside = (...argv: readonly string[]) =>
  place.must('lxc-attach', '-n', '101', '--clear-env', '--set-var', 'PATH=/usr/sbin:/usr/bin', '--', ...argv);

async function expectNoCanary(): Promise<void> {
  await expect(stat(CANARY)).rejects.toThrow('ENOENT');
  expect((await place.run('ls', CANARY)).code).not.toBe(0);
  expect((await place.run('lxc-attach', '-n', '101', '--', 'ls', CANARY)).code).not.toBe(0);
}

/** A file of `/root` in the container, split where its NULs are. */
async function listIn(file: string): Promise<string[]> {
  return (await inside('cat', file)).split('\0').slice(0, -1);
}

const REPORT = `#!/bin/sh
set -eu
: >/root/args
for arg; do printf '%s\\0' "$arg" >>/root/args; done
env -0 | grep -z '^H[0-9]' | sort -z -V >/root/env
cp "$PHOENIX_INPUTS" /root/inputs.json
ls -A >/root/files
`;

const FEATURE = '#!/bin/sh\nset -eu\nenv -0 | grep -z "^PHOENIX_OPTION_H" | sort -z -V >/root/options\n';

describe('hostile values where no text may stand', () => {
  const shell = `$(touch ${CANARY})`;
  test.each(
    Object.entries({
      name: shell,
      template: `a,b${shell}`,
      clone_from_ctid: shell,
      template_snapshot_name: shell,
      storage_pool: shell,
      mac_address: shell,
      search_domain: shell,
      timezone: shell,
      tags: [shell],
      pct_options: [shell],
      lxc_options: [shell],
      apparmor_profile: shell,
      gpu_assignment: shell,
      devices: [shell],
      dependencies: [shell],
      features: [shell],
      application_script: shell,
      network_config: { bridge: shell, ip: shell, gw: shell, name: shell },
      volumes: [{ pool: shell, size_gb: 1, mount_point: shell }],
      mount_points: [{ host_path: shell, container_path: shell }],
      firewall: { rules: [{ type: 'in', action: 'ACCEPT', proto: shell, source: shell, dest: shell }] },
    }),
  )('%s is refused before anything is touched', async (key, value) => {
    const config = join(place.folder, 'refused');
    await mkdir(config, { recursive: true });
    const guest = { name: 'web', template: 'a.tar.zst', unprivileged: true, [key]: value };
    await writeFile(
      join(config, 'phoenix_lxc_configs.json'),
      JSON.stringify({ lxc_configs: { 101: guest } }),
    );
    const words = [join(ROOT, 'bin/phoenix'), 'create', '101', '--config', config, '--host', 'sandbox'];
    const run = await place.program([process.execPath, ...words]);
    expect(run.code, run.stderr).toBe(65);
    expect(run.spawns).toEqual([]);
    await expect(stat(CANARY)).rejects.toThrow('ENOENT');
  });
});

describe('hostile values in every text that is not a command', () => {
  test('there are 50 of them', () => {
    expect(new Set(VALUES).size).toBeGreaterThanOrEqual(50);
    expect(new Set(hostileValues(CANARY)).size).toBeGreaterThanOrEqual(60);
  });

  test('reach their place as they are, and nothing runs them', async () => {
    const scriptName = `a $(touch canary) ; 'x' -rf.sh`;
    await writeFile(join(place.config, 'scripts', scriptName), REPORT);
    await mkdir(join(place.config, 'files'));
    for (const name of NAMES) await writeFile(join(place.config, 'files', `f${name}`), 'x');
    const feature = join(place.config, 'features/hostile');
    await mkdir(feature, { recursive: true });
    const options = VALUES.map((value, index) => [`h${index}`, value] as const);
    const manifest = {
      name: 'hostile',
      description: VALUES.join(' ').slice(0, 300),
      kinds: ['lxc'],
      options: Object.fromEntries(options.map(([name]) => [name, { description: 'any' }])),
    };
    await writeFile(join(feature, 'feature.json'), JSON.stringify(manifest));
    await writeFile(join(feature, 'check'), '#!/bin/sh\ntest -e /root/options\n', { mode: 0o755 });
    await writeFile(join(feature, 'install'), FEATURE, { mode: 0o755 });
    await place.edit(({ 101: guest }) => {
      Object.assign(guest ?? {}, {
        notes: VALUES.filter((value) => value.length < 100).join('\n'),
        features: [{ name: 'hostile', options: Object.fromEntries(options) }],
        application_script: scriptName,
        application_script_args: VALUES,
        application_script_env: Object.fromEntries(VALUES.map((value, index) => [`H${index}`, value])),
        application_script_files: NAMES.map((name) => `f${name}`),
        vllm_args: VALUES,
        vllm_model: VALUES[0],
        mount_points: NAMES.map((name) => ({
          host_path: `/srv/h/${name.replaceAll('=', '-')}`,
          container_path: `/mnt/h/${name}`,
        })),
        volumes: [{ name: VALUES[0], pool: 'local-btrfs', size_gb: 1, mount_point: `/vol ${NAMES[0]}` }],
        firewall: {
          enabled: true,
          rules: VALUES.map((comment, index) => ({
            type: 'in',
            action: 'ACCEPT',
            proto: 'tcp',
            port: 80 + index,
            comment,
          })),
        },
        health_checks: VALUES.filter((value) => value.length < 100).map((value) => ({
          name: value,
          command: ['test', `x${value}`, '=', `x${value}`],
        })),
      });
    });
    const run = await place.phoenix(['create', '101', '--json']);
    expect(run.code, run.stdout.slice(-3000) + run.stderr).toBe(0);

    expect(await listIn('/root/args')).toEqual(VALUES);
    expect(await listIn('/root/env')).toEqual(VALUES.map((value, index) => `H${index}=${value}`));
    expect(await listIn('/root/options')).toEqual(
      VALUES.map((value, index) => `PHOENIX_OPTION_H${index}=${value}`),
    );
    expect(JSON.parse(await inside('cat', '/root/inputs.json'))).toMatchObject({ vllm_args: VALUES });
    for (const name of NAMES) await inside('mountpoint', '-q', '--', `/mnt/h/${name}`);
    await expectNoCanary();

    // No program that a shell was given holds anything of the folder.
    const programs = run.spawns.flatMap((argv) => argv.filter((_, index) => argv[index - 1] === '-c'));
    expect(programs.length).toBeGreaterThan(10);
    for (const program of programs) expect(program).not.toMatch(/canary|\/srv\/h|rm -rf \/srv/);
  });

  test('read back as they were written: nothing is left to do', async () => {
    const again = await place.phoenix(['converge', '101', '--json']);
    expect(again.code, again.stdout.slice(-3000) + again.stderr).toBe(0);
    expect(operationsOf(again.stdout)).toEqual([]);
    await expectNoCanary();
  });
});
