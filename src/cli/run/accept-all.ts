import { editGuest, guestEntry } from '../../config/write/edit-guest.ts';
import { acceptDrift } from '../../managers/accept-drift.ts';
import { describeGuest, settled } from '../../managers/drift.ts';
import type { Folder } from '../../model/desired.ts';
import type { Observation } from '../../model/observation.ts';
import { escapeControl } from '../../report/escape.ts';
import { isJson, writeJson, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { Drift, GuestDrift } from './find-drift.ts';
import { fileFor, textOf, writeFolder, type Rewrite } from './write-folder.ts';

type Accepted = {
  readonly vmid: number;
  readonly name: string;
  readonly written: readonly string[];
  readonly left: readonly string[];
};

/**
 * Writes what the node has into the folder, and says of each guest which keys were written and which
 * differences stay. The exit code is 3 where some do.
 */
export async function acceptAll(
  context: Context,
  folder: Folder,
  { drift, observation }: { readonly drift: Drift; readonly observation: Observation },
): Promise<number> {
  const { io, options } = context;
  const rewrites = new Map<string, Rewrite>();
  const accepted: Accepted[] = [];
  for (const guest of drift.guests.filter(({ state }) => state !== 'as described')) {
    const file = await fileFor(folder.path, guest.kind);
    const before = rewrites.get(file)?.before ?? (await textOf(file));
    const text = rewrites.get(file)?.after ?? before ?? '';
    const { after, said } = acceptOne(text, guest, observation);
    rewrites.set(file, { before, after });
    accepted.push(said);
  }
  const changed = new Map([...rewrites].filter(([, { before, after }]) => before !== after));
  if (!options.has('dry-run') && changed.size > 0) await writeFolder(context, folder.path, changed);
  if (isJson(context)) writeJson(io, { guests: accepted });
  else io.stdout.write(show(accepted));
  return accepted.some(({ left }) => left.length > 0) ? EXIT.left : EXIT.done;
}

function acceptOne(
  text: string,
  guest: GuestDrift,
  observation: Observation,
): { readonly after: string; readonly said: Accepted } {
  const { vmid, name, kind, differences, foreign, state } = guest;
  const observed = observation.guests.get(vmid);
  const entry = guestEntry(text, kind, vmid);
  const attributes = [...differences.map(({ attribute }) => attribute), ...foreign];
  if (state !== 'differs' || !observed || !entry) {
    const left = [state === 'absent' ? 'it is not on the node' : "it is not marked as this folder's"];
    return { after: text, said: { vmid, name, written: [], left } };
  }
  const { keys, refused } = acceptDrift(entry, describeGuest(settled(observed), observation), attributes);
  return {
    after: editGuest(text, guest, keys),
    said: { vmid, name, written: keys.map(({ path }) => path.join('.')), left: refused },
  };
}

function show(accepted: readonly Accepted[]): string {
  if (accepted.length === 0) return 'Nothing differs.\n';
  return accepted
    .flatMap(({ vmid, name, written, left }) => [
      `${vmid} ${name}`,
      ...written.map((key) => `  written: ${key}`),
      ...left.map((attribute) => `  left: ${attribute}`),
    ])
    .map((line) => `${escapeControl(line)}\n`)
    .join('');
}
