import path from 'node:path';
import { loadFolder } from '../../src/config/load-folder.ts';
import { run } from '../../src/engine/index.ts';
import { managerFor } from '../../src/managers/index.ts';
import type { DesiredContainer, Folder } from '../../src/model/desired.ts';
import type { RunResult } from '../../src/model/plan.ts';
import type { Manager } from '../../src/model/step.ts';
import { fillOperation } from '../../src/pve/fill.ts';
import { gateWidth } from '../../src/pve/gates.ts';
import { judge } from '../../src/pve/messages.ts';
import { judgeWait } from '../../src/pve/qemu/judge-wait.ts';
import { parseObservation } from '../../src/pve/observation.ts';
import { renderArgv, renderStdin } from '../../src/pve/render.ts';
import { twinNode } from '../../src/twin/node.ts';
import type { World } from '../../src/twin/world.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Loads a folder that must have no errors. */
export async function loaded(folder: string): Promise<Folder> {
  const builtinFeatures = path.join(ROOT, 'features');
  const result = await loadFolder({ path: folder, env: {}, cwd: ROOT, builtinFeatures });
  const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
  if (!result.folder || errors.length > 0) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result.folder;
}

/** Converges all guests of a folder on a twin of this world, as a command without `--allow` would. */
export async function convergeOn(
  world: World,
  folder: Folder,
  forContainers?: Manager<DesiredContainer>,
): Promise<RunResult> {
  const managerOf = managerFor('converge');
  const node = twinNode({ world, dialect: { parseObservation, renderArgv, renderStdin, judge, judgeWait } });
  const result = await run({
    node,
    folder,
    targets: [...folder.guests.values()].map((guest) => ({
      target: guest.vmid,
      title: `${guest.vmid} ${guest.name}`,
      manager: guest.kind === 'lxc' && forContainers ? forContainers : managerOf(guest),
      desired: guest as never,
      after: [...guest.dependencies, ...(guest.cloneFrom ? [guest.cloneFrom.vmid] : [])],
    })),
    consent: { allows: (effect) => effect === 'live', adopt: false },
    purpose: { verb: 'converge', options: {} },
    dialect: { fill: fillOperation, gateWidth },
    emit: () => {},
    random: () => 0.5,
    isJournaled: true,
  });
  await node.close();
  return result;
}
