import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { GuestId } from '../../model/target.ts';
import { EXIT } from '../exit-code.ts';
import { nearest } from '../../config/suggest.ts';
import { quote } from '../command-line/parse.ts';
import { Stop } from '../stop.ts';

/** What the words of a command line mean in a folder. */
export type Selection = {
  /** In the order of the words, each guest once. */
  readonly guests: readonly GuestId[];
  /** Those among them that were named themselves, not through a group such as `all`. */
  readonly named: ReadonlySet<GuestId>;
  /** `hypervisor` was named, or `all`. */
  readonly node: 'named' | 'included' | 'no';
};

/**
 * Resolves ids, names, `all`, `lxc`, `vm`, `hypervisor` and `tag:x`; what kind an id is comes from the
 * folder. All unknown words stop together, with suggestions, before anything is done.
 */
export function resolveTargets(folder: Folder, words: readonly string[]): Selection {
  const guests = new Set<GuestId>();
  const named = new Set<GuestId>();
  const problems: Diagnostic[] = [];
  let node: Selection['node'] = 'no';
  for (const word of words) {
    if (word === 'hypervisor') node = 'named';
    else if (word === 'all' && node === 'no') node = 'included';
    const found = findGuests(folder, word);
    for (const guest of found.guests) {
      guests.add(guest.vmid);
      if (!found.isGroup) named.add(guest.vmid);
    }
    if (found.problem !== undefined) problems.push(found.problem);
  }
  if (problems.length > 0) throw new Stop(EXIT.usage, problems);
  return { guests: [...guests], named, node };
}

/** The id that a word is, where the folder has no guest with it: one that at most the node knows. */
export function undeclaredId(folder: Folder, word: string): GuestId | undefined {
  return /^[1-9]\d{2,8}$/.test(word) && !folder.guests.has(Number(word)) ? Number(word) : undefined;
}

/** Every word that `resolveTargets` understands in this folder, with what it means. */
export function targetWords(folder: Folder): readonly (readonly [string, string])[] {
  const guests = [...folder.guests.values()];
  return [
    ...guests.map(({ vmid, name }) => [String(vmid), name] as const),
    ...guests.map(({ vmid, name, kind }) => [name, `${kind} ${vmid}`] as const),
    ['all', 'every guest'],
    ['lxc', 'every container'],
    ['vm', 'every virtual machine'],
    ['hypervisor', 'the host itself'],
    ...tagsOf(folder).map((tag) => [`tag:${tag}`, 'guests with this tag'] as const),
  ];
}

type Found = {
  readonly guests: readonly DesiredGuest[];
  readonly isGroup: boolean;
  readonly problem?: Diagnostic;
};

function findGuests(folder: Folder, word: string): Found {
  const all = [...folder.guests.values()];
  if (word === 'all') return { guests: all, isGroup: true };
  if (word === 'hypervisor') return { guests: [], isGroup: true };
  if (word === 'lxc' || word === 'vm')
    return { guests: all.filter(({ kind }) => kind === word), isGroup: true };
  if (word.startsWith('tag:')) {
    const tag = word.slice('tag:'.length);
    const tagged = all.filter(({ tags }) => tags?.includes(tag) === true);
    return {
      guests: tagged,
      isGroup: true,
      ...(tagged.length === 0 ? { problem: unknown(folder, word) } : {}),
    };
  }
  const byId = all.filter(({ vmid }) => String(vmid) === word);
  if (byId.length > 0) return { guests: byId, isGroup: false };
  const byName = all.filter(({ name }) => name === word);
  if (byName.length > 1) return { guests: [], isGroup: false, problem: ambiguous(word, byName) };
  if (byName.length === 1) return { guests: byName, isGroup: false };
  return { guests: [], isGroup: false, problem: unknown(folder, word) };
}

function ambiguous(word: string, guests: readonly DesiredGuest[]): Diagnostic {
  return {
    code: 'cli/ambiguous-target',
    severity: 'error',
    summary: `${quote(word)} is the name of several guests.`,
    remedy: `Name one by its id: ${guests.map(({ vmid }) => vmid).join(', ')}.`,
  };
}

function unknown(folder: Folder, word: string): Diagnostic {
  const words = targetWords(folder).map(([known]) => known);
  const meant = nearest(word, words);
  const shown = words.slice(0, MAX_SHOWN).join(', ') + (words.length > MAX_SHOWN ? ', …' : '');
  return {
    code: 'cli/unknown-target',
    severity: 'error',
    summary: `Unknown target ${quote(word)}.`,
    detail:
      folder.path === ''
        ? 'No configuration folder was found; name it with --config, or name a guest by its id.'
        : `No guest of ${folder.path} has this id or name.`,
    remedy: meant === undefined ? `Targets here: ${shown}.` : `Did you mean ${meant}?`,
  };
}

const MAX_SHOWN = 12;

function tagsOf(folder: Folder): readonly string[] {
  const tags = new Set([...folder.guests.values()].flatMap((guest) => guest.tags ?? []));
  return [...tags].sort();
}
