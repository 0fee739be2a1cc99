import type { DesiredGuest } from '../../model/desired.ts';
import { loadConfiguration } from '../configuration.ts';
import { isJson, writeJson } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { COMMON_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { table } from '../table.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix list`: what the folder declares; no node is asked. */
export const list: Verb = {
  name: 'list',
  summary: 'list the guests that the folder declares',
  operands: [targetsOperand({ isRequired: false })],
  options: COMMON_OPTIONS,
  examples: [
    ['phoenix list', 'every guest of the folder'],
    ['phoenix list tag:web --json', 'some of them, for a program'],
  ],
  run: async (context) => {
    const folder = await loadConfiguration(context);
    const { operands } = context;
    const { guests } = resolveTargets(folder, operands.length === 0 ? ['all'] : operands);
    const listed = guests.flatMap((id) => folder.guests.get(id) ?? []);
    if (isJson(context)) {
      writeJson(context.io, { folder: folder.path, folderId: folder.folderId, guests: listed.map(asData) });
      return EXIT.done;
    }
    const rows = listed.map((guest) => {
      const { vmid, name, kind, needs, isTemplate, tags } = asData(guest);
      return [String(vmid), name, kind, isTemplate ? 'template' : '', needs.join(' '), tags.join(' ')];
    });
    context.io.stdout.write(table(['ID', 'NAME', 'KIND', '', 'NEEDS', 'TAGS'], rows));
    return EXIT.done;
  },
};

function asData(guest: DesiredGuest) {
  const source = guest.cloneFrom?.vmid;
  return {
    vmid: guest.vmid,
    name: guest.name,
    kind: guest.kind,
    isTemplate: guest.isTemplate,
    startAtBoot: guest.startAtBoot === true,
    ...(source === undefined ? {} : { cloneFrom: source }),
    dependencies: guest.dependencies,
    needs: [...new Set([...(source === undefined ? [] : [source]), ...guest.dependencies])],
    features: guest.features.map(({ name }) => name),
    tags: guest.tags ?? [],
  };
}
