import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/event.ts';
import { styleOf } from '../../src/report/style.ts';
import { emptyTree, grow } from '../../src/report/tree.ts';
import { treeFrame } from '../../src/report/tree-frame.ts';
import { widthOf } from '../../src/report/width.ts';
import { check, describeToy, DONE, story } from './samples.ts';

function frameAfter(events: readonly RunEvent[], size: { columns?: number; rows?: number } = {}): string {
  const tree = emptyTree();
  let now = 0;
  for (const event of events) {
    grow(tree, event, event.at);
    now = event.at;
  }
  return treeFrame(tree, {
    columns: size.columns ?? 80,
    rows: size.rows ?? 24,
    style: styleOf(false),
    describe: describeToy,
    now,
  });
}

test('guests, their steps, how long, and the last line of output', () => {
  expect(frameAfter(story().slice(0, 14))).toMatchInlineSnapshot(`
    "  101 web                                                                  12 s
        ✓ apply                                                               0.7 s
        ⠋ apply_features  install feature docker                              2.0 s
          │ Setting up docker-ce
      102 db                                                                   11 s
        ⠋ apply  pct set 102 --cores 2                                        7.0 s
          │ waits: CT is locked (backup)
    0 of 3 done"
  `);
});

test('a step that only asked a check is shown, one that did nothing is not', () => {
  const probe = check(101, 'health check http');
  const step = (name: string, operation?: typeof probe): readonly RunEvent[] => [
    { at: 0, event: 'step-start', target: 101, step: name },
    ...(operation
      ? [
          { at: 0, event: 'operation-start', target: 101, step: name, operation } as const,
          {
            at: 0,
            event: 'operation-end',
            target: 101,
            step: name,
            operation,
            outcome: DONE,
            elapsedMs: 5,
          } as const,
        ]
      : []),
    { at: 0, event: 'step-end', target: 101, step: name, changed: false, elapsedMs: 5 },
  ];
  const frame = frameAfter([
    { at: 0, event: 'target-start', target: 101, title: '101 web' },
    ...step('apply'),
    ...step('run_health_check', probe),
  ]);
  expect(frame).toContain('✓ run_health_check');
  expect(frame).not.toContain('apply');
});

test('when one has failed', () => {
  expect(frameAfter(story().slice(0, 17))).toMatchInlineSnapshot(`
    "  101 web                                                                  15 s
        ✓ apply                                                               0.7 s
        ⠋ apply_features  install feature docker                              5.0 s
          │ Setting up docker-ce
    1 of 3 done, 1 failed"
  `);
});

test('nothing is left when all have ended', () => {
  expect(frameAfter(story())).toBe('');
});

const many = Array.from({ length: 100 }, (_, index): readonly RunEvent[] => [
  { at: index, event: 'target-start', target: 100 + index, title: `${100 + index} ${'名'.repeat(60)}` },
  { at: index, event: 'step-start', target: 100 + index, step: 'start_container' },
  {
    at: index,
    event: 'output',
    target: 100 + index,
    step: 'start_container',
    line: { stream: 'stdout', text: 'long '.repeat(100) },
  },
]).flat();

test.each([
  [80, 24],
  [40, 10],
  [200, 50],
])('never more than %i columns and %i rows', (columns, rows) => {
  for (const count of [3, 12, 300]) {
    const lines = frameAfter(many.slice(0, count), { columns, rows }).split('\n');
    expect(lines.length).toBeLessThan(rows);
    for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
  }
  expect(frameAfter(many, { columns, rows })).toContain(`and ${100 - (rows - 3)} more`);
});
