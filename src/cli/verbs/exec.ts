import type { Folder } from '../../model/desired.ts';
import type { GuestId } from '../../model/target.ts';
import { loadConfigurationIfAny } from '../configuration.ts';
import { EXIT } from '../exit-code.ts';
import { handThrough, STDIN } from '../nodes/hand-through.ts';
import { openNode } from '../nodes/open-node.ts';
import { NODE_OPTIONS } from '../command-line/options.ts';
import { stop, usageStop } from '../stop.ts';
import { resolveTargets, undeclaredId } from '../targets/resolve-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix exec`: runs a program inside a guest; its exit code is ours. */
export const exec: Verb = {
  name: 'exec',
  summary: 'run a command inside a guest',
  details: 'The words after "--" reach the program as they are; for a shell line: -- sh -c "…".',
  operands: [{ name: 'guest', summary: 'id or name', isRequired: true, completes: 'target' }],
  options: [STDIN, ...NODE_OPTIONS],
  takesCommand: true,
  examples: [
    ['phoenix exec web -- systemctl status nginx', 'in the guest named web'],
    ['phoenix exec 101 -- psql < dump.sql', 'with input'],
  ],
  run: async (context) => {
    const { command = [], operands } = context;
    if (command.length === 0)
      throw usageStop('cli/no-command', 'No command was given.', `phoenix exec ${operands[0]} -- COMMAND`);
    const folder = await loadConfigurationIfAny(context);
    const vmid = containerOf(folder, operands);
    const node = await openNode(context, folder);
    try {
      return await handThrough(context, node, ['pct', 'exec', String(vmid), '--', ...command]);
    } finally {
      await node.close();
    }
  },
};

function containerOf(folder: Folder, operands: readonly string[]): GuestId {
  const undeclared = undeclaredId(folder, operands[0] ?? '');
  if (undeclared !== undefined) return undeclared;
  const { guests } = resolveTargets(folder, operands);
  const [id] = guests;
  const guest = id === undefined ? undefined : folder.guests.get(id);
  if (guest === undefined || guests.length > 1)
    throw usageStop('cli/not-one-guest', 'A command runs in one guest.', 'Name it by its id.');
  if (guest.kind === 'vm')
    throw stop(EXIT.failed, {
      code: 'cli/not-in-this-version',
      summary: 'This version of Phoenix runs commands in containers only.',
      remedy: `phoenix node -- qm guest exec ${guest.vmid} -- COMMAND`,
    });
  return guest.vmid;
}
