import type { StepAnswer } from '../../model/step.ts';
import { profileNeeds, profileWork } from './apparmor.ts';
import { deviceDifferences } from './differences/devices.ts';
import { isAllowed } from '../guest/difference.ts';
import { mountDifferences } from './differences/mounts.ts';
import { nicDifferences } from './differences/nics.ts';
import { scalarDifferences } from './differences/scalars.ts';
import { firewallWork } from '../guest/firewall.ts';
import { hostPathWork } from './host-paths.ts';
import { present } from '../guest/input.ts';
import type { LxcStep, PresentInput } from './input.ts';
import { announceRecord } from '../guest/keep-record.ts';
import { tidyContainerRecord, wantedRecord } from './record.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { inOrderOfProtection, protectionDiagnostics } from '../guest/protection.ts';
import { rawLineWork } from './raw-lines.ts';
import { resizeWork } from './resize.ts';
import { setOperation } from '../guest/set-operation.ts';
import { strayVolumeWork } from '../guest/stray-volumes.ts';
import { unusedVolumeDiagnostics } from '../guest/unused-volumes.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'apply_configurations';

/**
 * Makes the container's configuration what the folder says: one `pct set` with exactly the keys that
 * differ, then what `pct set` can't say (sizes, raw lines, the firewall file).
 */
export const applyConfigurations: LxcStep = {
  name: STEP,
  needs: (desired) => {
    const { paths, ...files } = profileNeeds(desired);
    return { ...files, paths: [...desired.mounts.map(({ hostPath }) => hostPath), ...paths] };
  },
  plan: (input): StepAnswer => {
    const container = present(input);
    if (!container) return missingGuest(input);
    const set = setWork(container);
    const work = joinWork([
      announceRecord(container, wantedRecord(container), STEP),
      hostPathWork(container, STEP),
      profileWork(container),
      set,
      resizeWork(container, set.operations.length === 0),
      rawLineWork(container),
      firewallWork(container),
    ]);
    // What is gone shows only after the calls that take it away have run.
    const rest =
      work.operations.length === 0
        ? joinWork([strayVolumeWork(container), tidyContainerRecord(container, STEP)])
        : NO_WORK;
    return { ...joinWork([work, rest]), probes: [] };
  },
};

function setWork(input: PresentInput): Work {
  const differences = [
    ...scalarDifferences(input),
    ...nicDifferences(input),
    ...mountDifferences(input),
    ...deviceDifferences(input),
  ];
  const allowed = differences.filter((one) => isAllowed(one, input));
  const now = inOrderOfProtection(input, allowed);
  const set = setOperation(input.guest, now);
  return {
    changes: [...new Set([...differences, ...now])].map(({ change }) => change),
    operations: set ? [set] : [],
    diagnostics: [...protectionDiagnostics(input, differences), ...unusedVolumeDiagnostics(input, now)],
  };
}
