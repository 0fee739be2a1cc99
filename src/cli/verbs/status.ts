import type { Folder } from '../../model/desired.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';
import { isOurs } from '../../managers/guest/input.ts';
import { loadConfigurationIfAny } from '../configuration.ts';
import { isJson, writeJson } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { openNode } from '../nodes/open-node.ts';
import { NODE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { showDiagnostics } from '../problem.ts';
import { table } from '../table.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix status`: what the node holds, declared or not, from one observation. */
export const status: Verb = {
  name: 'status',
  summary: 'show which guests the node has and whether they run',
  operands: [
    targetsOperand({
      isRequired: false,
      summary: 'ids, names, all, lxc, vm, tag:NAME; also ids that only the node knows',
    }),
  ],
  options: NODE_OPTIONS,
  examples: [
    ['phoenix status', 'every guest, declared or not'],
    ['phoenix status 101 --json', 'one guest, for a program'],
  ],
  run: async (context) => {
    const folder = await loadConfigurationIfAny(context);
    const node = await openNode(context, folder);
    try {
      const needs = { paths: [], volumesOf: [] };
      const observation = await node.observe('all', needs, { signal: context.io.signal });
      const ids = selectedIds(folder, observation, context.operands);
      const rows = ids.map((id) => describe(folder, observation, id));
      if (isJson(context)) {
        const { nodeName, diagnostics } = observation;
        writeJson(context.io, { node: nodeName, guests: rows, diagnostics });
        return EXIT.done;
      }
      await showDiagnostics(context.io, observation.diagnostics);
      const cells = rows.map(({ vmid, name, kind, state, notes }) => [
        String(vmid),
        name,
        kind,
        state,
        notes.join(', '),
      ]);
      context.io.stdout.write(table(['ID', 'NAME', 'KIND', 'STATE', 'NOTES'], cells));
      return EXIT.done;
    } finally {
      await node.close();
    }
  },
};

function selectedIds(folder: Folder, observation: Observation, words: readonly string[]): readonly GuestId[] {
  const everything = new Set([...folder.guests.keys(), ...observation.guests.keys()]);
  if (words.length === 0) return [...everything].sort((left, right) => left - right);
  const onlyThere = words.filter((word) => /^\d+$/.test(word) && observation.guests.has(Number(word)));
  const declared = words.filter((word) => !onlyThere.includes(word));
  return [...new Set([...resolveTargets(folder, declared).guests, ...onlyThere.map(Number)])];
}

function describe(folder: Folder, observation: Observation, vmid: GuestId) {
  const desired = folder.guests.get(vmid);
  const observed = observation.guests.get(vmid);
  const keys = observed?.config.head.keys;
  return {
    vmid,
    name: keys?.get('hostname') ?? keys?.get('name') ?? desired?.name ?? '',
    kind: observed?.kind ?? desired?.kind ?? '',
    state: observed === undefined ? 'absent' : observed.running ? 'running' : 'stopped',
    isDeclared: desired !== undefined,
    isOurs: observed !== undefined && isOurs(observed, folder.folderId),
    notes: notesOn(folder, observed, desired?.kind),
  };
}

function notesOn(
  folder: Folder,
  observed: ObservedGuest | undefined,
  declaredKind: string | undefined,
): readonly string[] {
  if (observed === undefined) return [];
  const { head, pending } = observed.config;
  const lock = head.keys.get('lock');
  return [
    ...(declaredKind === undefined ? ['not declared'] : []),
    ...(declaredKind !== undefined && declaredKind !== observed.kind ? [`declared as ${declaredKind}`] : []),
    ...(declaredKind !== undefined && !isOurs(observed, folder.folderId) ? ['not marked as ours'] : []),
    ...(head.keys.get('template') === '1' ? ['template'] : []),
    ...(lock === undefined ? [] : [`locked (${lock})`]),
    ...(pending === undefined ? [] : ['waits for a restart']),
    ...(observed.tasks.length > 0 ? ['a task is running'] : []),
  ];
}
