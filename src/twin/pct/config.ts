import type { Command } from '../call/command.ts';
import { ParameterError, ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { checkValue } from '../call/schema.ts';
import { settingOf } from '../container/config-lines.ts';
import { loadConfig, type Config, type Section } from '../container/config.ts';
import { pendingDeletes } from '../container/pending.ts';
import { encodeNotes } from '../../pve/guest-config.ts';

/** `pct config`: what is set, with what is pending unless `--current`. */
export const config: Command = {
  run: async (session, parameters) => {
    const snapshot = parameters.text('snapshot');
    if (snapshot !== undefined && parameters.flag('current')) {
      const message = "cannot use 'snapshot' parameter with 'current'";
      throw new ParameterError(
        'Parameter verification failed.',
        new Map([
          ['snapshot', message],
          ['current', message],
        ]),
      );
    }
    const found = await loadConfig(session, parameters.vmid);
    const section =
      snapshot === undefined ? merge(found, parameters.flag('current')) : found.snapshots.get(snapshot);
    if (section === undefined) throw new ToolError(`snapshot '${snapshot}' does not exist`);
    refuseOdd(section);
    for (const key of [...section.keys.keys()].toSorted(byCode)) {
      const value = section.keys.get(key) ?? '';
      session.print(`${key}: ${key === 'description' ? encodeNotes(value) : value}\n`);
    }
    for (const [key, value] of section.raw) session.print(`${key}: ${value}\n`);
  },
};

function merge(found: Config, isCurrent: boolean): Section {
  if (isCurrent) return found.head;
  const keys = new Map(found.head.keys);
  for (const [key, value] of found.pending.keys) {
    if (key !== 'delete') keys.set(key, value);
  }
  for (const key of pendingDeletes(found)) keys.delete(key);
  return { keys, raw: found.head.raw };
}

/** The tool checks its own answer, so a value of the wrong type in the file makes it fail. */
function refuseOdd(section: Section): void {
  const errors = new Map<string, string>();
  for (const [key, value] of section.keys) {
    const setting = settingOf(key);
    if (setting !== undefined) checkValue(key, setting, value, errors);
  }
  if (errors.size > 0) throw new ParameterError('Result verification failed', errors);
}
