import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HostPart } from '../../src/model/observed-host.ts';
import { localNode, PVE_DIALECT } from '../../src/node/index.ts';
import { twinNode, worldFromObservation } from '../../src/twin/index.ts';

const PARTS: readonly HostPart[] = [
  'system',
  'repositories',
  'package:bash',
  'package:no-such-package',
  'user:root',
  'user:nobody-of-this-name',
  'sysctl:kernel.pid_max',
  'sysctl:net.ipv4.ip_local_port_range',
  'sysctl:no.such.key',
  'unit:cron.service',
  'modules',
  'disks',
  'pools',
  'dataset:tank/data',
  'drivers',
  'health',
  'network',
];
const NEEDS = { paths: [], volumesOf: [], host: PARTS };

test('the probe prints the parts of the host that are asked for', async () => {
  const { host, files } = await localNode().observe([], NEEDS);
  const uname = spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim();
  expect(host?.system?.kernel).toBe(uname);
  expect(host?.system?.distribution).toBe('debian');
  expect([...(host?.packages?.keys() ?? [])]).toEqual(['bash']);
  expect(host?.users?.get('root')).toMatchObject({ uid: 0, home: '/root' });
  expect(host?.users?.size).toBe(1);
  for (const key of ['kernel.pid_max', 'net.ipv4.ip_local_port_range']) {
    const whole = readFileSync(`/proc/sys/${key.replaceAll('.', '/')}`, 'utf8').trim();
    expect([key, host?.sysctl?.get(key)]).toEqual([key, whole]);
  }
  expect(host?.sysctl?.size).toBe(2);
  expect(host?.repositories?.length).toBeGreaterThan(0);
  expect([...(files?.keys() ?? [])].some((path) => path.startsWith('/etc/apt/'))).toBe(true);
});

test('a host that nobody asks about is not looked at', async () => {
  expect((await localNode().observe([], { paths: [], volumesOf: [] })).host).toBeUndefined();
});

test('a twin made from a probe of this machine tells the same of the host', async () => {
  const seen = await localNode().observe([], NEEDS);
  const world = await worldFromObservation(seen.text);
  const again = await twinNode({ world, dialect: PVE_DIALECT }).observe([], NEEDS);
  expect(again.host).toEqual(seen.host);
});
