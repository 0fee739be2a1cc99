import { parseArgs } from 'node:util';
import { nearest } from '../../config/suggest.ts';
import { usageStop } from '../stop.ts';
import type { OperandSpec, OptionSpec, Verb } from '../verb.ts';

/** The options that were given, by name. */
export type OptionValues = {
  readonly has: (name: string) => boolean;
  /** The last value given. */
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
};

/** A command line taken apart. `command` is what follows `--`, undefined where there is none. */
export type Parsed = {
  readonly options: OptionValues;
  readonly operands: readonly string[];
  readonly command: readonly string[] | undefined;
};

/**
 * Takes the words after a verb apart by the verb's own data. Anything that the verb does not know
 * stops with a usage error: a mistyped option must never be run over.
 */
export function parse(verb: Verb, words: readonly string[]): Parsed {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  const rest = end === -1 ? undefined : words.slice(end + 1);
  const { values, operands } = takeApart(verb, own);
  const takesCommand = verb.takesCommand === true;
  const all = takesCommand ? operands : [...operands, ...(rest ?? [])];
  if (!values.has('help')) checkOperands(verb, all);
  return {
    options: {
      has: (name) => values.has(name),
      text: (name) => values.get(name)?.at(-1),
      list: (name) => values.get(name) ?? [],
    },
    operands: all,
    command: takesCommand ? rest : undefined,
  };
}

/** Finds the verb's word among `words`; only options that every verb has may stand before it. */
export function findVerbWord(
  words: readonly string[],
  common: readonly OptionSpec[],
): { readonly word: string | undefined; readonly rest: readonly string[] } {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  for (const token of tokenize(own, common)) {
    if (token.kind === 'positional')
      return { word: token.value, rest: words.filter((_, index) => index !== token.index) };
    if (token.kind === 'option') check(token, common, 'before the verb');
  }
  return { word: undefined, rest: words };
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

function tokenize(words: readonly string[], options: readonly OptionSpec[]): readonly Token[] {
  const config: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  for (const { name, short, value } of options) {
    config[name] = {
      type: value === undefined ? 'boolean' : 'string',
      multiple: true,
      ...(short === undefined ? {} : { short }),
    };
  }
  const parsed = parseArgs({
    args: [...words],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return parsed.tokens;
}

function takeApart(verb: Verb, words: readonly string[]) {
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokenize(words, verb.options)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = check(token, verb.options, `of "phoenix ${verb.name}"`);
    const given = values.get(option.name) ?? [];
    given.push(...split(option, token.value ?? ''));
    values.set(option.name, given);
  }
  return { values, operands };
}

function check(token: OptionToken, options: readonly OptionSpec[], where: string): OptionSpec {
  const option = options.find(({ name }) => name === token.name);
  if (option === undefined) {
    const known = options.filter(({ isHidden }) => isHidden !== true).map(({ name }) => `--${name}`);
    const meant = nearest(token.rawName, known);
    throw usageStop(
      'cli/unknown-option',
      `Unknown option ${quote(token.rawName)} ${where}.`,
      meant === undefined ? 'Add --help to see its options.' : `Did you mean ${meant}?`,
    );
  }
  const isFlag = option.value === undefined;
  if (isFlag && token.value !== undefined)
    throw usageStop('cli/unexpected-value', `Option --${option.name} takes no value.`);
  const isMissing = token.value === undefined || (token.inlineValue !== true && token.value.startsWith('-'));
  if (!isFlag && isMissing)
    throw usageStop(
      'cli/missing-value',
      `Option --${option.name} needs a value: --${option.name} <${option.value}>.`,
    );
  return option;
}

function split(option: OptionSpec, value: string): readonly string[] {
  const { choices } = option;
  if (choices === undefined) return [value];
  const words = option.isRepeatable === true ? value.split(',').map((word) => word.trim()) : [value];
  for (const word of words) {
    if (choices.includes(word)) continue;
    const meant = nearest(word, choices);
    throw usageStop(
      'cli/wrong-value',
      `Option --${option.name} does not know ${quote(word)}.`,
      meant === undefined ? `It takes: ${choices.join(', ')}.` : `Did you mean ${meant}?`,
    );
  }
  return words;
}

function checkOperands(verb: Verb, operands: readonly string[]): void {
  const required = verb.operands.filter(({ isRequired }) => isRequired === true);
  const missing = required[operands.length];
  if (missing !== undefined)
    throw usageStop(
      'cli/missing-operand',
      `"phoenix ${verb.name}" needs ${showOperand(missing)}.`,
      `phoenix ${verb.name} --help shows how.`,
    );
  const isVariadic = verb.operands.some((operand) => operand.isVariadic === true);
  const extra = operands[verb.operands.length];
  if (!isVariadic && extra !== undefined)
    throw usageStop(
      'cli/extra-operand',
      `"phoenix ${verb.name}" does not take ${quote(extra)}.`,
      verb.takesCommand === true ? 'A command stands after "--".' : undefined,
    );
}

/** An operand as help shows it: `<guest>`, `[targets...]`. */
export function showOperand(operand: OperandSpec): string {
  const name = operand.isVariadic === true ? `${operand.name}...` : operand.name;
  return operand.isRequired === true ? `<${name}>` : `[${name}]`;
}

/** A word of the command line as messages show it: control characters escaped, never over 60 characters. */
export function quote(word: string): string {
  const shown = JSON.stringify(word);
  return shown.length > 60 ? `${shown.slice(0, 58)}…"` : shown;
}
