import type { DesiredContainer } from '../../model/desired.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import type { NodeRecord } from '../../model/record.ts';
import { definitionDigest } from './definition-digest.ts';
import { recordOf, type PresentInput } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { NO_WORK, type Work } from './work.ts';

const PRE_CONFIGURED = 'pre-configured';
const FINAL_FORM = 'final-form';
const FINAL_FORM_NEW = 'final-form-new';

/** `pre-configured`: what the container was before anything was installed in it. Taken where it is missing. */
export function preConfiguredWork(input: PresentInput, step: string): Work {
  const { guest, desired } = input;
  if (!hasLifecycle(desired, PRE_CONFIGURED) || guest.config.snapshots.has(PRE_CONFIGURED)) return NO_WORK;
  const attribute = `snapshot ${PRE_CONFIGURED}`;
  return {
    ...NO_WORK,
    changes: [{ target: guest.vmid, step, attribute, before: undefined, after: 'taken', effect: 'live' }],
    operations: [snapshotCall('pct snapshot', guest.vmid, { name: PRE_CONFIGURED, step, attribute })],
  };
}

/**
 * `final-form`: what the container is when this definition was completed. Taken where it is missing
 * or of another definition; a new one is there before the old one goes, so that a kill at any
 * moment leaves one that is good (Proxmox can't rename a snapshot).
 */
export function finalFormWork(input: PresentInput, step: string): Work {
  const { guest, desired, folder } = input;
  if (!hasLifecycle(desired, FINAL_FORM)) return NO_WORK;
  const { snapshots } = guest.config;
  const record = recordOf(guest, folder.folderId);
  const digest = definitionDigest(desired);
  const [hasOld, hasNew] = [snapshots.has(FINAL_FORM), snapshots.has(FINAL_FORM_NEW)];
  const isCurrent = hasOld && record.completed === digest;
  if (isCurrent && !hasNew) return NO_WORK;
  const attribute = `snapshot ${FINAL_FORM}`;
  const take = (name: string): PveOperation =>
    snapshotCall('pct snapshot', guest.vmid, { name, step, attribute });
  const remove = (name: string): PveOperation =>
    snapshotCall('pct delsnapshot', guest.vmid, { name, step, attribute });
  const done: NodeRecord = { ...record, completed: digest };
  const operations: readonly Operation[] = isCurrent
    ? [remove(FINAL_FORM_NEW)]
    : [
        ...(hasOld && hasNew ? [remove(FINAL_FORM_NEW)] : []),
        ...(hasOld ? [take(FINAL_FORM_NEW), remove(FINAL_FORM)] : []),
        take(FINAL_FORM),
        writeNodeRecord(done, { step, changes: [attribute] }),
        ...(hasOld || hasNew ? [remove(FINAL_FORM_NEW)] : []),
      ];
  const before = hasOld ? 'of an older definition' : undefined;
  return {
    ...NO_WORK,
    changes: [{ target: guest.vmid, step, attribute, before, after: 'taken', effect: 'live' }],
    operations,
  };
}

/** A template can't have snapshots, and a golden snapshot of the same name is `finalize`'s own. */
function hasLifecycle(desired: DesiredContainer, name: string): boolean {
  return desired.lifecycleSnapshots && !desired.isTemplate && desired.templateSnapshotName !== name;
}

function snapshotCall(
  call: string,
  vmid: number,
  { name, step, attribute }: { readonly name: string; readonly step: string; readonly attribute: string },
): PveOperation {
  return {
    op: 'pve',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    call,
    vmid,
    positional: [name],
    params: {},
  };
}
