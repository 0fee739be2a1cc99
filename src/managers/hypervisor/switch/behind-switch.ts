import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { ConfirmOperation, Operation } from '../../../model/operation.ts';
import {
  applyArgv,
  settleArgv,
  SWITCH,
  type SwitchName,
  type SwitchState,
} from '../../../pve/host/dead-man.ts';
import { finding, hostOperations } from '../operations.ts';
import type { Part } from '../part.ts';

export type SwitchedChange = {
  readonly name: SwitchName;
  readonly changes: readonly string[];
  readonly token: string;
  readonly seconds: number;
  readonly files: readonly { readonly staged: string; readonly target: string; readonly content: string }[];
  /** What must go well before anything is changed. */
  readonly checks: readonly Operation[];
  readonly addresses: readonly string[];
  readonly gateway: string | undefined;
};

/**
 * The operations that change files of the host behind its dead-man switch: the new files are put
 * aside and checked, the host arms the switch and makes the change by itself, and it is confirmed
 * over a way that the change could have broken. Whatever dies in between, the old files come back.
 */
export function behindSwitch(step: string, change: SwitchedChange): readonly Operation[] {
  const { name, changes, token, seconds, files, checks, addresses, gateway } = change;
  const { run, write } = hostOperations(step);
  const confirm: ConfirmOperation = {
    op: 'confirm',
    target: 'node',
    step,
    changes,
    gates: [],
    in: 'node',
    name,
    token,
    addresses,
    ...(gateway !== undefined && { gateway }),
    timeoutMs: seconds * 1000,
    title: `confirm the new ${name}`,
  };
  return [
    write(changes, SWITCH.path, SWITCH.content, SWITCH.mode),
    ...files.map(({ staged, content }) => write(changes, staged, content, 0o644)),
    ...checks,
    run(changes, applyArgv(name, token, seconds, files), {
      title: `arm the dead-man switch and load the new ${name}`,
      timeoutMs: 60_000,
    }),
    confirm,
  ];
}

/**
 * A switch that an earlier run left armed: before anything else it is waited for, or, where the host
 * was started anew, its change is taken back. Undefined where none is open.
 */
export function openSwitch(
  step: string,
  name: SwitchName,
  state: SwitchState | undefined,
  seconds: number,
): Part | undefined {
  if (state?.state !== 'armed' && state?.state !== 'restoring') return undefined;
  const { change, run } = hostOperations(step);
  const attribute = `unconfirmed ${name}`;
  const limit = seconds + RETURN_SECONDS;
  return {
    changes: [change(attribute, 'waits for its confirmation', 'taken back')],
    operations: [
      run([attribute], settleArgv(name, limit), {
        title: `wait until the unconfirmed ${name} is taken back`,
        timeoutMs: (limit + 60) * 1000,
      }),
    ],
    diagnostics: [
      finding('warning', 'unconfirmed-change', {
        summary: `A change of the ${name} was never confirmed`,
        detail: 'An earlier run made it and could not confirm it. The host takes it back by itself.',
      }),
    ],
  };
}

/** What became of the last change, where the host took it back. */
export function takenBack(name: SwitchName, state: SwitchState | undefined): readonly Diagnostic[] {
  if (state?.state !== 'restored') return [];
  return [
    finding('warning', 'change-was-taken-back', {
      summary: `The host took the last change of the ${name} back`,
      ...(state.reason !== undefined && { detail: `Reason: ${state.reason}.` }),
    }),
  ];
}

/** The longest that taking back may last after the time for the confirmation is over. */
const RETURN_SECONDS = 120;
