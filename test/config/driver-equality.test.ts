import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import { managerFor } from '../../src/managers/index.ts';
import { hostTarget } from '../../src/cli/targets/host-target.ts';
import { targetsOf } from '../../src/cli/run/job.ts';
import { closure, NEEDS } from '../../src/cli/targets/graph.ts';
import { LIVE_ONLY } from '../../src/model/change.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');
const container = (name: string, more: object) => ({
  name,
  template: 'local:vztmpl/d.tar.zst',
  unprivileged: true,
  ...more,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-driver-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(version: string) {
  const files = {
    'phoenix_hypervisor_config.json': { nvidia_driver: { install: true, version } },
    'phoenix_lxc_configs.json': {
      lxc_configs: {
        101: container('gpu-one', { features: ['nvidia'], gpu_assignment: '0' }),
        102: container('gpu-two', { features: ['nvidia'], gpu_assignment: '1' }),
        103: container('plain', { features: ['docker'] }),
      },
    },
  };
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(value));
  const { folder: loaded } = await loadFolder({ path: folder, env: {}, cwd: folder, builtinFeatures });
  if (!loaded) throw new Error('the folder does not load');
  return loaded;
}

test('another version of the driver on the host means another in each container with a GPU, after the host', async () => {
  const before = await load('550.54.14');
  const after = await load('580.76.05');
  const digests = (loaded: typeof before) =>
    [...loaded.guests.values()].map(({ features }) => features.map(({ digest }) => digest).join());
  const changed = digests(before).map((digest, index) => digest !== digests(after)[index]);
  expect(changed).toEqual([true, true, false]);
  expect(after.hypervisor.nvidia?.version).toBe('580.76.05');
  const inputs = [...after.guests.values()].map(
    ({ features }) => features[0]?.inputs['nvidia_driver_version'],
  );
  expect(inputs.slice(0, 2)).toEqual(['580.76.05', '580.76.05']);

  const options = { text: () => undefined } as never;
  const targets = targetsOf({
    verb: 'converge',
    folder: after,
    guests: closure(after, [101, 102, 103], NEEDS).flatMap((id) => after.guests.get(id) ?? []),
    host: hostTarget({ options }, after),
    manager: managerFor('converge'),
    edges: NEEDS,
    consent: LIVE_ONLY,
  });
  expect(targets.map(({ target, after: first }) => [target, first])).toEqual([
    ['node', []],
    [101, ['node']],
    [102, ['node']],
    [103, ['node']],
  ]);
});
