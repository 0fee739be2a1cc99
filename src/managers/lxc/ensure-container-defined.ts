import type { DesiredContainer } from '../../model/desired.ts';
import type { StepAnswer } from '../../model/step.ts';
import { planDefined } from '../guest/defined.ts';
import { cloneWork } from './clone-container.ts';
import { createWork } from './create-container.ts';
import { CONTAINER_HUSK } from './husk.ts';
import type { LxcStep } from './input.ts';

/** Makes the container where there is none, or finds that the one that is there is ours and whole. */
export const ensureContainerDefined: LxcStep = {
  name: 'ensure_container_defined',
  needs: (desired) => ({
    paths: [
      ...desired.mounts.map(({ hostPath }) => hostPath),
      ...desired.devices.map(({ path }) => path),
      ...(desired.template?.startsWith('/') === true ? [desired.template] : []),
    ],
    volumesOf: storagesOf(desired),
  }),
  plan: (input): StepAnswer =>
    planDefined(input, {
      make: (asked) => (asked.desired.cloneFrom ? cloneWork(asked) : createWork(asked)),
      husk: CONTAINER_HUSK,
      storages: storagesOf(input.desired),
    }),
};

function storagesOf({ storage, volumes }: DesiredContainer): readonly string[] {
  return [...new Set([storage ?? 'local', ...volumes.map((volume) => volume.storage)])];
}
