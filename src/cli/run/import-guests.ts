import { resolve } from 'node:path';
import { addGuests } from '../../config/write/add-guests.ts';
import { describeGuest } from '../../managers/drift.ts';
import type { DescribedGuest } from '../../model/described.ts';
import type { Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';
import { readOwnerLine } from '../../pve/notes.ts';
import { NO_FOLDER, readConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { openNode } from '../nodes/open-node.ts';
import { showDiagnostics } from '../problem.ts';
import { Stop, usageStop } from '../stop.ts';
import { fileFor, textOf, writeFolder, type Rewrite } from './write-folder.ts';

/** Writes what the command line names into the folder's files, and gives the ids that the folder has now. */
export async function importGuests(context: Context): Promise<readonly GuestId[]> {
  const { io, options } = context;
  if (context.operands.length === 0 && !options.has('all')) {
    throw usageStop('cli/nothing-to-import', 'Nothing to import was named.', 'Name ids, or --all.');
  }
  const { path, folder } = await readFolder(context);
  const observation = await observe(context, folder);
  const chosen = choose(context, folder, observation);
  await showDiagnostics(io, chosen.notices);
  const texts = new Map<string, Rewrite>();
  for (const kind of ['lxc', 'vm'] as const) {
    const guests = chosen.guests
      .filter((guest) => guest.kind === kind)
      .map((guest) => describeGuest(guest, observation));
    if (guests.length === 0) continue;
    const file = await fileFor(path, kind);
    const before = await textOf(file);
    const headline = ({ vmid, name }: DescribedGuest): string =>
      `${vmid} ${name}, as it was on ${observation.nodeName} at ${new Date(io.now()).toISOString().slice(0, 10)}:`;
    texts.set(file, { before, after: addGuests(before, guests, headline) });
    if (options.has('dry-run')) io.stdout.write(addGuests(undefined, guests, headline));
    else for (const guest of guests) io.stderr.write(summaryOf(guest));
  }
  if (options.has('dry-run')) return [];
  if (texts.size > 0) await writeFolder(context, path, texts);
  for (const file of texts.keys()) io.stdout.write(`${file}\n`);
  return [...chosen.guests.map(({ vmid }) => vmid), ...chosen.known];
}

/** The folder that is named, also a new or an empty one. */
async function readFolder(context: Context): Promise<{ readonly path: string; readonly folder: Folder }> {
  const { io, options } = context;
  const { folder, diagnostics } = await readConfiguration(context);
  const isNew = diagnostics.every(({ code, severity }) => severity !== 'error' || NO_FOLDER_YET.has(code));
  if (folder === undefined && isNew) {
    return {
      path: resolve(io.cwd, options.text('config') ?? io.env['PHOENIX_CONFIG'] ?? '.'),
      folder: NO_FOLDER,
    };
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (folder === undefined || errors.length > 0) throw new Stop(EXIT.config, errors);
  return { path: folder.path, folder };
}

const NO_FOLDER_YET: ReadonlySet<string> = new Set(['config/no-files', 'config/no-folder']);

async function observe(context: Context, folder: Folder): Promise<Observation> {
  const node = await openNode(context, folder);
  try {
    return await node.observe('all', { paths: [], volumesOf: [] }, { signal: context.io.signal });
  } finally {
    await node.close();
  }
}

type Chosen = {
  readonly guests: readonly ObservedGuest[];
  /** Those that the folder has already. */
  readonly known: readonly GuestId[];
  readonly notices: readonly Diagnostic[];
};

function choose({ operands, options }: Context, folder: Folder, observation: Observation): Chosen {
  const { guests, nodeName } = observation;
  const asked = options.has('all')
    ? [...guests.keys()].sort((one, other) => one - other)
    : operands.map(Number);
  const unknown = asked.filter((vmid) => !guests.has(vmid));
  if (unknown.length > 0) {
    const words = operands.filter((word) => unknown.includes(Number(word)) || Number.isNaN(Number(word)));
    throw usageStop(
      'cli/unknown-target',
      `The node has no guest ${words.join(', ')}.`,
      'See phoenix status.',
    );
  }
  const notices: Diagnostic[] = [];
  const known = asked.filter((vmid) => folder.guests.has(vmid));
  const chosen = asked.flatMap((vmid) => {
    const guest = guests.get(vmid);
    const reason = guest && reasonAgainst(guest, folder, nodeName);
    const isExpected = options.has('all') && folder.guests.has(vmid);
    if (reason !== undefined && !isExpected) notices.push(leftOut(vmid, reason));
    return guest && reason === undefined ? [guest] : [];
  });
  return { guests: chosen, known, notices };
}

function reasonAgainst(guest: ObservedGuest, folder: Folder, nodeName: string): string | undefined {
  const owner = readOwnerLine(guest.config.head.description);
  if (folder.guests.has(guest.vmid)) return 'the folder has it already';
  if (guest.node !== nodeName) return `it is on node ${guest.node}`;
  if (owner?.vmid === guest.vmid && owner.folderId !== folder.folderId)
    return `it belongs to the folder ${owner.folderId}`;
  return undefined;
}

function leftOut(vmid: GuestId, reason: string): Diagnostic {
  return {
    code: 'cli/not-imported',
    severity: 'notice',
    summary: `left out: ${reason}`,
    target: vmid,
  };
}

function summaryOf({ vmid, name, remarks }: DescribedGuest): string {
  return [`${vmid} ${name}`, ...remarks.map((remark) => `  ${remark}`)].join('\n').concat('\n');
}
