import { describe, expect, test } from 'vitest';
import { CHANGE_OPTIONS, COMMON_OPTIONS, targetsOperand } from '../../../src/cli/command-line/options.ts';
import { findVerbWord, parse } from '../../../src/cli/command-line/parse.ts';
import { Stop } from '../../../src/cli/stop.ts';
import type { Verb } from '../../../src/cli/verb.ts';

const verb: Verb = {
  name: 'try',
  summary: '',
  operands: [targetsOperand({ isRequired: true })],
  options: [{ name: 'timeout', value: 'seconds', summary: '' }, ...CHANGE_OPTIONS],
  examples: [],
  run: async () => 0,
};
const inside: Verb = {
  ...verb,
  operands: [{ name: 'guest', summary: '', isRequired: true }],
  takesCommand: true,
};

describe('what is understood', () => {
  test('options stand anywhere, with a space or an equals sign', () => {
    const { options, operands } = parse(verb, ['--timeout', '5', '101', '--config=/folder', 'web', '-yv']);
    expect(operands).toEqual(['101', 'web']);
    expect([options.text('timeout'), options.text('config')]).toEqual(['5', '/folder']);
    expect(['yes', 'verbose', 'json'].map((name) => options.has(name))).toEqual([true, true, false]);
  });
  test('--allow takes several, joined or repeated', () => {
    const { options } = parse(verb, ['1', '--allow', 'restart,reboot', '--allow=recreate']);
    expect(options.list('allow')).toEqual(['restart', 'reboot', 'recreate']);
  });
  test('what follows -- is the command, as it is', () => {
    const { operands, command } = parse(inside, ['101', '--', 'ls', '--yes', '--', '-l']);
    expect([operands, command]).toEqual([['101'], ['ls', '--yes', '--', '-l']]);
  });
  test('what follows -- is a target where a verb takes no command', () => {
    expect(parse(verb, ['--', '-rf']).operands).toEqual(['-rf']);
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [words: string, code: string, remedy: string | undefined])[] = [
    ['101 --yess', 'cli/unknown-option', 'Did you mean --yes?'],
    ['101 --dryrun', 'cli/unknown-option', 'Did you mean --dry-run?'],
    ['101 -q', 'cli/unknown-option', undefined],
    ['101 -yq', 'cli/unknown-option', undefined],
    ['-rf', 'cli/unknown-option', undefined],
    ['101 --allow everything', 'cli/wrong-value', undefined],
    ['101 --allow restrat', 'cli/wrong-value', 'Did you mean restart?'],
    ['101 --allow', 'cli/missing-value', undefined],
    ['101 --timeout --yes', 'cli/missing-value', undefined],
    ['101 --yes=no', 'cli/unexpected-value', undefined],
    ['--no-yes 101', 'cli/unknown-option', undefined],
    ['', 'cli/missing-operand', undefined],
  ];
  test.each(cases)('"%s"', (words, code, remedy) => {
    const problem = problemOf(() => parse(verb, words.split(' ').filter(Boolean)));
    expect(problem).toMatchObject({ exitCode: 64, code });
    if (remedy !== undefined) expect(problem.remedy).toBe(remedy);
  });
  test('a command without --', () => {
    expect(problemOf(() => parse(inside, ['101', 'ls']))).toMatchObject({ code: 'cli/extra-operand' });
  });
});

describe('where the verb is', () => {
  const places: readonly (readonly [words: string[], word: string | undefined, rest: string[]])[] = [
    [['plan', '101'], 'plan', ['101']],
    [['--config', 'plan', 'list'], 'list', ['--config', 'plan']],
    [['--json', 'list', '-v'], 'list', ['--json', '-v']],
    [['--help'], undefined, ['--help']],
    [[], undefined, []],
  ];
  test.each(places)('%j', (words, word, rest) => {
    expect(findVerbWord(words, COMMON_OPTIONS)).toEqual({ word, rest });
  });
  test('an option that not every verb has does not stand before it', () => {
    const problem = problemOf(() => findVerbWord(['--allow', 'restart', 'plan'], COMMON_OPTIONS));
    expect(problem).toMatchObject({ exitCode: 64, code: 'cli/unknown-option' });
  });
});

function problemOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const [diagnostic] = error.diagnostics;
    return { exitCode: error.exitCode, code: diagnostic?.code, remedy: diagnostic?.remedy };
  }
  throw new Error('nothing was refused');
}
