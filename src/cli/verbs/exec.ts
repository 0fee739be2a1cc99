import type { Folder } from '../../model/desired.ts';
import type { Node } from '../../model/node.ts';
import type { GuestId, GuestKind } from '../../model/target.ts';
import { loadConfigurationIfAny } from '../configuration.ts';
import { handThrough, STDIN } from '../nodes/hand-through.ts';
import { openNode } from '../nodes/open-node.ts';
import { NODE_OPTIONS } from '../command-line/options.ts';
import { usageStop } from '../stop.ts';
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
    ['phoenix exec 1001 -- journalctl -f', 'in a virtual machine, through its guest agent'],
  ],
  run: async (context) => {
    const { command = [], operands } = context;
    if (command.length === 0)
      throw usageStop('cli/no-command', 'No command was given.', `phoenix exec ${operands[0]} -- COMMAND`);
    const folder = await loadConfigurationIfAny(context);
    const vmid = guestOf(folder, operands);
    const node = await openNode(context, folder);
    try {
      const kind = folder.guests.get(vmid)?.kind ?? (await kindOf(node, vmid, context.io.signal));
      return kind === 'vm'
        ? await handThrough(context, node, command, vmid)
        : await handThrough(context, node, ['pct', 'exec', String(vmid), '--', ...command]);
    } finally {
      await node.close();
    }
  },
};

function guestOf(folder: Folder, operands: readonly string[]): GuestId {
  const undeclared = undeclaredId(folder, operands[0] ?? '');
  if (undeclared !== undefined) return undeclared;
  const { guests } = resolveTargets(folder, operands);
  const [id] = guests;
  const guest = id === undefined ? undefined : folder.guests.get(id);
  if (guest === undefined || guests.length > 1)
    throw usageStop('cli/not-one-guest', 'A command runs in one guest.', 'Name it by its id.');
  return guest.vmid;
}

/** What a guest is that the folder does not describe. */
async function kindOf(node: Node, vmid: GuestId, signal: AbortSignal): Promise<GuestKind | undefined> {
  const { guests } = await node.observe([vmid], { paths: [], volumesOf: [] }, { signal });
  return guests.get(vmid)?.kind;
}
