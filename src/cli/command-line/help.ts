import type { Io } from '../io.ts';
import { showOperand } from './parse.ts';
import type { OptionSpec, Verb } from '../verb.ts';

/** The text of `phoenix --help`. */
export function programHelp(verbs: readonly Verb[], common: readonly OptionSpec[]): string {
  return join([
    'Makes Proxmox VE match a folder of configuration files, and proves that it did.',
    section('Usage', ['phoenix <verb> [targets...] [options]']),
    section('Verbs', columns(verbs.map(({ name, summary }) => [name, summary]))),
    section('Options of every verb', columns(optionRows(common))),
    'phoenix <verb> --help tells more about a verb.',
  ]);
}

/** The text of `phoenix <verb> --help`. */
export function verbHelp(verb: Verb): string {
  const words = ['phoenix', verb.name, ...verb.operands.map(showOperand), '[options]'];
  if (verb.takesCommand === true) words.push('-- <command...>');
  return join([
    verb.summary,
    ...(verb.details === undefined ? [] : [wrap(verb.details, MAX_PROSE).join('\n')]),
    section('Usage', [words.join(' ')]),
    section('Examples', columns(verb.examples)),
    section('Arguments', columns(verb.operands.map((operand) => [showOperand(operand), operand.summary]))),
    section('Options', columns(optionRows(verb.options))),
  ]);
}

/** Prints help on stdout: it was asked for, so it is the result. */
export function writeHelp(io: Io, text: string): void {
  io.stdout.write(text);
}

function optionRows(options: readonly OptionSpec[]): readonly (readonly [string, string])[] {
  return options
    .filter(({ isHidden }) => isHidden !== true)
    .map(({ name, short, value, summary }) => {
      const flags = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
      return [value === undefined ? flags : `${flags} <${value}>`, summary];
    });
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, Math.max(MIN_TEXT, MAX_LINE - width));
    return [
      `${left.padEnd(width)}  ${first}`.trimEnd(),
      ...more.map((line) => `${' '.repeat(width)}  ${line}`),
    ];
  });
}

const MAX_PROSE = 80;
const MAX_LINE = 86;
const MIN_TEXT = 30;

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function join(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
