import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { renderDiagnostics } from '../../src/report/diagnostics.ts';

const duplicate: Diagnostic = {
  code: 'config/duplicate-ip',
  severity: 'error',
  summary: 'Two guests have the same address',
  detail:
    'Guest 101 and guest 102 both have 10.0.0.5, so whichever starts last takes it away from the other and neither can be reached for certain.',
  remedy:
    'Give one of them another address, then look whether all is well:\n  phoenix validate --config /etc/phoenix/a-folder-with-a-long-name/and-another-one/in-it',
  position: {
    file: '/etc/phoenix/phoenix_lxc_configs.json',
    line: 12,
    column: 12,
    length: 13,
    lineText: '    "ip": "10.0.0.5/24",',
  },
};

test('a place, a cause and a remedy, commands unbroken', () => {
  expect(renderDiagnostics([duplicate], { cwd: '/etc/phoenix' })).toMatchInlineSnapshot(`
    "╷
    │ ✗ Error: Two guests have the same address  [config/duplicate-ip]
    │
    │   phoenix_lxc_configs.json:12:12
    │   12 │     "ip": "10.0.0.5/24",
    │      │            ^^^^^^^^^^^^^
    │
    │ Guest 101 and guest 102 both have 10.0.0.5, so whichever starts last takes it
    │ away from the other and neither can be reached for certain.
    │
    │ → Give one of them another address, then look whether all is well:
    │     phoenix validate --config /etc/phoenix/a-folder-with-a-long-name/and-another-one/in-it
    ╵
    "
  `);
});

test('several are counted; a short one has no empty parts', () => {
  const text = renderDiagnostics([
    { code: 'a/b', severity: 'warning', summary: 'Odd', target: 101 },
    { code: 'a/c', severity: 'notice', summary: 'By the way', target: 'node' },
    { code: 'a/d', severity: 'notice', summary: 'And' },
  ]);
  expect(text).toMatchInlineSnapshot(`
    "╷
    │ ! Warning: 101: Odd  [a/b]
    ╵
    ╷
    │ i Notice: the node: By the way  [a/c]
    ╵
    ╷
    │ i Notice: And  [a/d]
    ╵
    1 warning, 2 notices
    "
  `);
});

test('every line fits, also on a narrow terminal, but commands and long words', () => {
  for (const columns of [40, 60, 80, 200]) {
    const lines = renderDiagnostics([duplicate], { columns, cwd: '/etc/phoenix' }).split('\n');
    const tooLong = lines.filter((line) => line.length > Math.min(80, columns));
    expect(tooLong.every((line) => line.includes('phoenix validate') || line.includes('.json:'))).toBe(true);
  }
});

const places = [
  {
    name: 'a tab before it',
    lineText: '\t"ip": 5',
    column: 8,
    length: 1,
    shown: ' "ip": 5',
    carets: '       ^',
  },
  {
    name: 'wide characters',
    lineText: '"名": bad',
    column: 6,
    length: 3,
    shown: '"名": bad',
    carets: '      ^^^',
  },
  { name: 'beyond the end', lineText: 'x', column: 9, length: 4, shown: 'x', carets: ' ^' },
  { name: 'an empty line', lineText: '', column: 1, length: 1, shown: '', carets: '^' },
];
test.each(places)('the caret stands below $name', ({ lineText, column, length, shown, carets }) => {
  const position = { file: 'f.json', line: 7, column, length, lineText };
  const text = renderDiagnostics([{ code: 'a/b', severity: 'error', summary: 'Bad', position }]);
  expect(text).toContain(`│   7 │ ${shown}`.trimEnd());
  expect(text).toContain(`│     │ ${carets}\n`);
});

test('a very long line is cut around the place', () => {
  const lineText = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
  const position = { file: 'f.json', line: 1, column: 501, length: 4, lineText };
  const text = renderDiagnostics([{ code: 'a/b', severity: 'error', summary: 'Bad', position }]);
  const [line = '', carets = ''] = text.split('\n').slice(4);
  expect(line.length).toBeLessThanOrEqual(80);
  expect(line).toContain('HERE');
  expect(carets.indexOf('^^^^')).toBe(line.indexOf('HERE'));
});

test('nothing in it reaches the terminal as a control character', () => {
  const evil = 'a\u001B]0;title\u0007b\u202Ec\rd';
  const text = renderDiagnostics(
    [
      {
        code: evil,
        severity: 'error',
        summary: evil,
        detail: evil,
        remedy: evil,
        position: { file: evil, line: 1, column: 1, lineText: evil },
      },
    ],
    { hasColour: false },
  );
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
  expect(text).toContain('\\x1b]0;title\\x07');
});

test('colours only repeat what symbols and words say', () => {
  const plain = renderDiagnostics([duplicate], {});
  const coloured = renderDiagnostics([duplicate], { hasColour: true });
  expect(coloured).not.toBe(plain);
  // oxlint-disable-next-line no-control-regex -- colours are taken out
  expect(coloured.replaceAll(/\u001b\[\d+m/gu, '')).toBe(plain);
});
