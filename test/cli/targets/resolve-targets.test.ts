import { describe, expect, test } from 'vitest';
import { resolveTargets } from '../../../src/cli/targets/resolve-targets.ts';
import { Stop } from '../../../src/cli/stop.ts';
import { container, folderOf, machine } from '../folder.ts';

const folder = folderOf(
  container(100, { name: 'base', isTemplate: true }),
  container(101, { name: 'web', tags: ['front'] }),
  container(102, { name: 'database' }),
  container(103, { name: 'twins' }),
  container(104, { name: 'twins' }),
  machine(200, { name: 'desktop', tags: ['front'] }),
);

describe('what a word means', () => {
  const cases: readonly (readonly [words: string, guests: readonly number[]])[] = [
    ['101', [101]],
    ['web', [101]],
    ['database web', [102, 101]],
    ['web 101 web', [101]],
    ['all', [100, 101, 102, 103, 104, 200]],
    ['lxc', [100, 101, 102, 103, 104]],
    ['vm', [200]],
    ['tag:front', [101, 200]],
    ['desktop tag:front', [200, 101]],
    ['hypervisor', []],
  ];
  test.each(cases)('%s', (words, guests) => {
    expect(resolveTargets(folder, words.split(' ')).guests).toEqual(guests);
  });

  test('a guest reached through a group was not named', () => {
    expect([...resolveTargets(folder, ['lxc', '200']).named]).toEqual([200]);
  });

  test.each([
    ['hypervisor', 'named'],
    ['all', 'included'],
    ['all hypervisor', 'named'],
    ['lxc', 'no'],
  ])('%s and the node', (words, node) => {
    expect(resolveTargets(folder, words.split(' ')).node).toBe(node);
  });
});

describe('words that mean nothing here', () => {
  const hostile = [
    '101; rm -rf /',
    '$(id)',
    '`id`',
    '../101',
    '101\n102',
    '',
    ' 101',
    '0101',
    '1e2',
    '101.0',
    '٣',
    'tag:',
    'tag:*',
    '__proto__',
  ];
  test.each(hostile)('%j is an unknown target', (word) => {
    expect(problemOf([word])).toMatchObject({ exitCode: 64, codes: ['cli/unknown-target'] });
  });

  test.each([
    ['wbe', 'web'],
    ['databse', 'database'],
    ['tag:fornt', 'tag:front'],
    ['lxx', 'lxc'],
  ])('%s suggests %s', (word, meant) => {
    expect(problemOf([word]).remedies).toEqual([`Did you mean ${meant}?`]);
  });

  test('all of them are told at once', () => {
    expect(problemOf(['nobody', '101', 'nothing']).codes).toHaveLength(2);
  });

  test('a name of two guests asks for an id', () => {
    expect(problemOf(['twins'])).toMatchObject({
      codes: ['cli/ambiguous-target'],
      remedies: ['Name one by its id: 103, 104.'],
    });
  });
});

function problemOf(words: readonly string[]) {
  try {
    resolveTargets(folder, words);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return {
      exitCode: error.exitCode,
      codes: error.diagnostics.map(({ code }) => code),
      remedies: error.diagnostics.map(({ remedy }) => remedy),
    };
  }
  throw new Error('no problem was found');
}
