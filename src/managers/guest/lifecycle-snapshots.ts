import type { DesiredGuest } from '../../model/desired.ts';
import type { Operation } from '../../model/operation.ts';
import { definitionDigest } from './definition-digest.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { hasSnapshot, removeSnapshot, snapshotCall, takenOnce, takeSnapshot } from './snapshots.ts';
import { NO_WORK, type Work } from './work.ts';

const PRE_CONFIGURED = 'pre-configured';
const FINAL_FORM = 'final-form';
const FINAL_FORM_NEW = 'final-form-new';

/** `pre-configured`: what the guest was before anything was installed in it. Taken where it is missing. */
export function preConfiguredWork(input: PresentGuest, step: string): Work {
  const { guest, desired } = input;
  return hasLifecycle(desired, PRE_CONFIGURED) ? takenOnce(guest, PRE_CONFIGURED, step) : NO_WORK;
}

/**
 * `final-form`: what the guest is when this definition was completed. Taken where it is missing
 * or of another definition; a new one is there before the old one goes, so that a kill at any
 * moment leaves one that is good (Proxmox can't rename a snapshot).
 */
export function finalFormWork(input: PresentGuest, step: string): Work {
  const { guest, desired, folder } = input;
  if (!hasLifecycle(desired, FINAL_FORM)) return NO_WORK;
  const record = recordOf(guest, folder.folderId);
  const completed = definitionDigest(desired);
  const hasOld = hasSnapshot(guest, FINAL_FORM);
  const hasNew = guest.config.snapshots.has(FINAL_FORM_NEW);
  const isCurrent = hasOld && record.completed === completed;
  if (isCurrent && !hasNew) return NO_WORK;
  const asks = { step, attribute: `snapshot ${FINAL_FORM}` };
  const done = writeNodeRecord({ ...record, completed }, { step, changes: [asks.attribute] });
  const removeNew = hasNew ? [removeSnapshot(guest, FINAL_FORM_NEW, asks)] : [];
  const replaceOld = [
    ...removeNew,
    snapshotCall(guest, 'snapshot', { name: FINAL_FORM_NEW, ...asks }),
    snapshotCall(guest, 'delsnapshot', { name: FINAL_FORM, ...asks }),
    snapshotCall(guest, 'snapshot', { name: FINAL_FORM, ...asks }),
    done,
    snapshotCall(guest, 'delsnapshot', { name: FINAL_FORM_NEW, ...asks }),
  ];
  const takeFirst = [...takeSnapshot(guest, FINAL_FORM, asks), done, ...removeNew];
  const operations: readonly Operation[] = isCurrent ? removeNew : hasOld ? replaceOld : takeFirst;
  const before = hasOld ? 'of an older definition' : undefined;
  return {
    ...NO_WORK,
    changes: [
      { target: guest.vmid, step, attribute: asks.attribute, before, after: 'taken', effect: 'live' },
    ],
    operations,
  };
}

/** A template can't have snapshots, and a golden snapshot of the same name is `finalize`'s own. */
function hasLifecycle(desired: DesiredGuest, name: string): boolean {
  return desired.lifecycleSnapshots && !desired.isTemplate && desired.templateSnapshotName !== name;
}
