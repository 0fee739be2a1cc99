import { ParameterError } from './errors.ts';
import { byCode, readBoolean } from './lists.ts';
import { findParameter, type CommandShape, type Parameter } from './parameters.ts';
import type { ParameterValue } from './schema.ts';

/**
 * Reads a command line as the tools do (Getopt::Long: `--key value`, `--key=value`, `-key value`,
 * unique abbreviations, any case, `--` ends the options). Booleans come out as 1 or 0; lists are
 * joined by commas; `extra-args` takes the rest of the line.
 */
export function readOptions(shape: CommandShape, argv: readonly string[]): Map<string, ParameterValue> {
  const { options, rest, unknown } = scan(shape, argv);
  if (unknown.length > 0) throw new UnreadableOptions(unknown);
  takeArguments(shape, rest, options);
  const values = new Map<string, ParameterValue>();
  for (const [name, given] of options) {
    const parameter = findParameter(shape, name);
    if (name === 'extra-args') values.set(name, given);
    else if (parameter?.type === 'boolean') values.set(name, toBoolean(given.at(-1) ?? ''));
    else if (isList(parameter)) values.set(name, given.join(','));
    else values.set(name, given.at(-1) ?? '');
  }
  return values;
}

/** Options that the command does not have; each is named in a line before the refusal itself. */
export class UnreadableOptions extends ParameterError {
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[]) {
    super('unable to parse option');
    this.complaints = complaints;
  }
}

type Scan = { options: Map<string, string[]>; rest: string[]; unknown: string[] };

function scan(shape: CommandShape, argv: readonly string[]): Scan {
  const options = new Map<string, string[]>();
  const rest: string[] = [];
  const unknown: string[] = [];
  const queue = [...argv];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') return { options, rest: [...rest, ...queue], unknown };
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(word);
    if (match?.[1] === undefined) {
      rest.push(word);
      continue;
    }
    const name = resolveName(shape, match[1].toLowerCase(), unknown);
    if (name === undefined) continue;
    const parameter = findParameter(shape, name);
    const isEmpty = match[2] === '' && parameter?.type !== 'boolean';
    const value = isEmpty ? undefined : (match[2] ?? takeValue(name, parameter, queue));
    if (value === undefined) unknown.push(`Option ${name.toLowerCase()} requires an argument`);
    else options.set(name, [...(options.get(name) ?? []), value]);
  }
  return { options, rest, unknown };
}

/**
 * The value of a boolean, and of a password that the tool asks for, may be left out; everything else
 * takes the next word, whatever it is.
 */
function takeValue(name: string, parameter: Parameter | undefined, queue: string[]): string | undefined {
  if (parameter?.type !== 'boolean' && name !== 'cipassword') return queue.shift();
  const next = queue[0];
  return next === undefined || /^--?./.test(next) ? '' : queue.shift();
}

function resolveName(shape: CommandShape, given: string, unknown: string[]): string | undefined {
  if (given !== 'extra-args' && findParameter(shape, given) !== undefined) return given;
  const names = optionNames(shape);
  const exact = names.find((name) => name.toLowerCase() === given);
  if (exact !== undefined) return exact;
  const longer = names.filter((name) => name.toLowerCase().startsWith(given)).toSorted(byCode);
  if (longer.length === 1) return longer[0];
  unknown.push(
    longer.length === 0 ? `Unknown option: ${given}` : `Option ${given} is ambiguous (${longer.join(', ')})`,
  );
  return undefined;
}

function optionNames(shape: CommandShape): string[] {
  return Object.entries(shape.parameters).flatMap(([name, parameter]) =>
    parameter.n_max === undefined
      ? [name]
      : Array.from({ length: parameter.n_max + 1 }, (_, index) => name.replace('[n]', String(index))),
  );
}

function takeArguments(shape: CommandShape, rest: readonly string[], options: Map<string, string[]>): void {
  const queue = [...rest];
  for (const [index, name] of shape.arguments.entries()) {
    if (name === 'extra-args') {
      options.set(name, queue.splice(0));
      continue;
    }
    const value = queue.shift();
    if (value !== undefined) {
      options.set(name, [value]);
      continue;
    }
    const isShort = shape.arguments
      .slice(index)
      .some((left) => left !== 'extra-args' && shape.parameters[left]?.required === true);
    if (isShort) throw new ParameterError('not enough arguments');
  }
  if (queue.length > 0) throw new ParameterError('too many arguments');
}

function isList(parameter: Parameter | undefined): boolean {
  return typeof parameter?.format === 'string' && parameter.format.endsWith('-list');
}

function toBoolean(text: string): string {
  if (text === '') return '1';
  const value = readBoolean(text);
  if (value === undefined) throw new ParameterError('unable to parse boolean option');
  return value ? '1' : '0';
}
