import { encodeNotes } from '../../pve/guest-config.ts';
import type { Command } from '../call/command.ts';
import { ParameterError, ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { loadMachine } from '../machine/config.ts';
import { mergePending } from '../machine/pending.ts';

/** `qm config`: what is set, with what is pending unless `--current`; a password is never shown. */
export const config: Command = {
  run: async (session, parameters) => {
    const snapshot = parameters.text('snapshot');
    if (snapshot !== undefined && parameters.flag('current')) {
      const message = "cannot use 'snapshot' parameter with 'current'";
      const errors = new Map([
        ['snapshot', message],
        ['current', message],
      ]);
      throw new ParameterError('Parameter verification failed.', errors);
    }
    const found = await loadMachine(session, parameters.vmid);
    const keys =
      snapshot !== undefined
        ? found.snapshots.get(snapshot)?.keys
        : parameters.flag('current')
          ? found.head.keys
          : mergePending(found);
    if (keys === undefined) throw new ToolError(`snapshot '${snapshot}' does not exist`);
    for (const key of [...keys.keys()].toSorted(byCode)) {
      session.print(`${key}: ${shownValue(key, keys.get(key) ?? '')}\n`);
    }
  },
};

/** A setting's value as the tools show it. */
export function shownValue(key: string, value: string): string {
  if (key === 'cipassword') return '**********';
  return key === 'description' ? encodeNotes(value) : value;
}
