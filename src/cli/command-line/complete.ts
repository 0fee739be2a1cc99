import type { Folder } from '../../model/desired.ts';
import { COMMON_OPTIONS } from './options.ts';
import { targetWords } from '../targets/resolve-targets.ts';
import type { OperandSpec, OptionSpec, Verb } from '../verb.ts';
import { loadAllVerbs, loadVerb, verbWords } from '../verbs/index.ts';

/** A word that could stand there, and what it means. */
export type Candidate = readonly [word: string, meaning: string];

/**
 * What could stand at the end of a command line: `words` are those after `phoenix`, the last one
 * being the word that is typed. Gives nothing where a path belongs, so that the shell offers files.
 */
export async function complete(
  words: readonly string[],
  loadFolder: () => Promise<Folder | undefined>,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return [];
  const verb = await findVerb(before);
  const options = verb === undefined ? COMMON_OPTIONS : verb.options;
  const open = openOption(before.at(-1), options);
  if (open !== undefined) return startingWith(typed, optionValues(open));
  if (typed.startsWith('-')) return startingWith(typed, optionWords(options));
  if (verb === undefined) return startingWith(typed, await verbCandidates());
  return startingWith(typed, await operandCandidates(verb, before, loadFolder));
}

async function findVerb(before: readonly string[]): Promise<Verb | undefined> {
  const word = before.find((candidate) => verbWords().includes(candidate));
  return word === undefined ? undefined : await loadVerb(word);
}

async function verbCandidates(): Promise<readonly Candidate[]> {
  const verbs = await loadAllVerbs();
  return verbs.map(({ name, summary }) => [name, summary]);
}

/* The option whose value is being typed. */
function openOption(word: string | undefined, options: readonly OptionSpec[]): OptionSpec | undefined {
  return options.find(
    ({ name, short, value }) =>
      value !== undefined && (word === `--${name}` || (short !== undefined && word === `-${short}`)),
  );
}

function optionValues({ choices, completes }: OptionSpec): readonly Candidate[] {
  if (choices !== undefined) return choices.map((choice) => [choice, '']);
  if (completes === 'host') return HOSTS;
  return [];
}

const HOSTS: readonly Candidate[] = [
  ['local', 'this Proxmox host'],
  ['sandbox', 'real containers on this machine'],
  ['twin', 'a Proxmox node in memory'],
];

function optionWords(options: readonly OptionSpec[]): readonly Candidate[] {
  return options
    .filter(({ isHidden }) => isHidden !== true)
    .map(({ name, summary }) => [`--${name}`, summary]);
}

async function operandCandidates(
  verb: Verb,
  before: readonly string[],
  loadFolder: () => Promise<Folder | undefined>,
): Promise<readonly Candidate[]> {
  const operand = operandAt(verb, before);
  if (operand?.completes === undefined) return [];
  if (operand.completes !== 'target') return operand.completes.map((word) => [word, '']);
  const folder = await loadFolder();
  if (folder === undefined) return [];
  const used = new Set(before);
  return targetWords(folder).filter(([word]) => !used.has(word));
}

function operandAt(verb: Verb, before: readonly string[]): OperandSpec | undefined {
  const given = before.slice(before.findIndex((word) => verbWords().includes(word)) + 1);
  const position = given.filter(
    (word, index) => !word.startsWith('-') && openOption(given[index - 1], verb.options) === undefined,
  ).length;
  return verb.operands[position] ?? verb.operands.find(({ isVariadic }) => isVariadic === true);
}

function startingWith(typed: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(([word]) => word.startsWith(typed));
}
