import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { showElapsed } from '../../src/report/elapsed.ts';
import { cleanOutput, escapeControl } from '../../src/report/escape.ts';
import { wantsColour } from '../../src/report/style.ts';
import { cut, widthOf, wrap } from '../../src/report/width.ts';

test.each([
  [0, '0.0 s'],
  [449, '0.4 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
  [-5, '0.0 s'],
])('%i ms is %s', (milliseconds, shown) => {
  expect(showElapsed(milliseconds)).toBe(shown);
});

test.each([
  ['plain', 'plain'],
  ['tab\there', 'tab  here'],
  ['\u001B[1;31mred\u001B[0m', 'red'],
  ['5%\r10%\r15%', '15%'],
  ['done\r\n', 'done'],
  ['\u001B]8;;http://evil\u0007link', '\\x1b]8;;http://evil\\x07link'],
  ['\u001B[2J\u001B[H', '\\x1b[2J\\x1b[H'],
  ['abc\u202Edef', 'abc\\u202edef'],
  ['c1 \u009B31m', 'c1 \\x9b31m'],
])('output %j shows as %s', (line, shown) => {
  expect(cleanOutput(line)).toBe(shown);
});

test('no text whatever leaves a control character behind', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const shown of [escapeControl(text), cleanOutput(text)]) {
        expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 300 },
  );
});

test('a cut text fits and is only cut where it must be', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const clean = escapeControl(text);
      const shown = cut(clean, width);
      expect(widthOf(shown)).toBeLessThanOrEqual(width);
      if (widthOf(clean) <= width) expect(shown).toBe(clean);
    }),
    { numRuns: 300 },
  );
});

test('prose is broken at spaces, commands are not', () => {
  expect(wrap('one two three\n  a command that is long', 9)).toEqual([
    'one two',
    'three',
    '  a command that is long',
  ]);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
])('colours with %j on a terminal (%s): %s', (env, isTerminal, expected) => {
  expect(wantsColour(env, { isTerminal })).toBe(expected);
});
