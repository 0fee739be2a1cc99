import type { Change } from '../model/change.ts';
import type { DesiredGuest, DesiredScript } from '../model/desired.ts';
import type { ExecOperation } from '../model/operation.ts';
import { NOTHING, type StepAnswer, type StepInput } from '../model/step.ts';
import { type Applied, readApplied, scriptFact, withScript, writeRecord } from './applied.ts';
import { NO_RECORD_SEEN, notRunning, recordUnknown } from './feature-diagnostics.ts';

const STEP = 'run_application_script';

/**
 * The step `run_application_script` of both kinds of guest: the script runs when its digest (text,
 * arguments, files, references of its environment, inputs) is not the recorded one, and never
 * otherwise. A guest that doesn't run gets nothing and a notice.
 */
export function planApplicationScript(input: StepInput<DesiredGuest>): StepAnswer {
  const { desired: guest, observed } = input;
  const script = guest.applicationScript;
  if (script === undefined) return NOTHING;
  if (observed.guest?.running !== true) {
    return { ...NOTHING, diagnostics: [notRunning(guest, 'scripts')] };
  }
  const applied = readApplied(observed.guest.record);
  if (applied.scripts.get(script.name) === script.digest) return NOTHING;
  const carries = { step: STEP, changes: [attributeOf(script)] };
  return {
    changes: [changeOf(guest, script, applied)],
    operations: [runScript(guest, script), writeRecord(guest, withScript(applied, script), carries)],
    probes: [],
    diagnostics: applied.isKnown ? [] : [recordUnknown(guest)],
  };
}

function runScript(guest: DesiredGuest, script: DesiredScript): ExecOperation {
  return {
    op: 'exec',
    target: guest.vmid,
    step: STEP,
    changes: [attributeOf(script)],
    gates: [],
    needs: [],
    provides: [scriptFact(script)],
    in: guest.vmid,
    script: {
      name: script.name,
      content: script.content,
      args: script.args,
      inputs: script.inputs,
      files: script.files,
    },
    env: script.env,
    timeoutMs: script.timeoutMs,
    title: `run ${script.name}`,
  };
}

function changeOf(guest: DesiredGuest, script: DesiredScript, applied: Applied): Change {
  const change: Change = {
    target: guest.vmid,
    step: STEP,
    attribute: attributeOf(script),
    before: applied.scripts.get(script.name)?.slice(0, 12),
    after: script.digest.slice(0, 12),
    effect: 'live',
  };
  return applied.isKnown ? change : { ...change, assumes: NO_RECORD_SEEN };
}

function attributeOf(script: DesiredScript): string {
  return `script ${script.name}`;
}
