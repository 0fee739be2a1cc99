import type { Difference } from '../../guest/difference.ts';
import type { PresentVm } from '../input.ts';
import { diskDifferences } from './disks.ts';
import { keyDifferences } from './keys.ts';
import { nicDifferences } from './nics.ts';
import { pciDeviceDifferences } from './pci-devices.ts';

/** Everything that `qm set` can say and that differs from the folder. */
export function configurationDifferences(input: PresentVm): readonly Difference[] {
  return [
    ...keyDifferences(input),
    ...nicDifferences(input),
    ...diskDifferences(input),
    ...pciDeviceDifferences(input),
  ];
}
