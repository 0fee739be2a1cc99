/* oxlint-disable no-control-regex -- they are what a terminal obeys */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RunEvent } from '../../src/model/event.ts';
import { Secret } from '../../src/model/value.ts';
import { createLiveReporter } from '../../src/report/live.ts';
import { createReporter, type ReporterOptions } from '../../src/report/reporter.ts';
import { change, describeToy, set, story } from './samples.ts';

type Screen = { readonly options: ReporterOptions; readonly text: () => string };

function screen(mode: ReporterOptions['mode'], extra: Partial<ReporterOptions> = {}): Screen {
  let written = '';
  return {
    options: {
      output: { write: (text) => (written += text), isTerminal: mode === 'live', columns: 80, rows: 24 },
      mode,
      isVerbose: false,
      describe: describeToy,
      now: () => 0,
      ...extra,
    },
    text: () => written,
  };
}

test('plain lines name their guest and are only appended', async () => {
  const { options, text } = screen('plain');
  const reporter = await createReporter(options);
  for (const event of story()) reporter.emit(event);
  reporter.close();
  expect(text()).toMatchInlineSnapshot(`
    "[101 web] apply: ~ memory: 512 -> 1024
    [101 web] apply: pct set 101 --memory 1024
    [102 db] apply: pct set 102 --cores 2
    [102 db]   busy: CT is locked (backup); again in 1.5 s
    [101 web] apply_features: install feature docker
    [101 web]   │ Setting up docker-ce
    [102 db] apply: ✗ exit code 255  2.0 s
    ╷
    │ ✗ Error: 102: The guest is locked  [pve/locked]
    │
    │ → Wait for the backup.
    ╵
    [102 db] ✗ failed: The guest is locked  3.0 s
    [101 web] ✓ changed  1 min 15 s
    "
  `);
});

test('verbose lines show every command and how it ended', async () => {
  const { options, text } = screen('plain', { isVerbose: true });
  const reporter = await createReporter(options);
  for (const event of story()) reporter.emit(event);
  expect(text()).toContain('[101 web] apply: $ pct set 101 --memory 1024\n');
  expect(text()).toContain('[101 web] apply: ✓ exit code 0  0.6 s\n');
});

test('JSON events are one document a line, with the command and without secrets', async () => {
  const { options, text } = screen('json');
  const reporter = await createReporter(options);
  for (const event of story()) reporter.emit(event);
  const secret = new Secret('env:TOKEN', () => 'canary-88');
  const operation = {
    ...set(101, {}),
    op: 'pve' as const,
    call: 'pct set',
    vmid: 101,
    params: { password: secret },
  };
  reporter.emit({ at: 1, event: 'operation-start', target: 101, step: 'apply', operation });
  reporter.close();
  const lines = text().trimEnd().split('\n');
  const events = lines.map((line): unknown => JSON.parse(line));
  expect(events).toHaveLength(story().length + 1);
  expect(events[5]).toMatchObject({
    event: 'operation-start',
    operation: { call: 'pct set', command: 'pct set 101 --memory 1024' },
  });
  expect(text()).not.toContain('canary-88');
});

test('a quiet reporter says nothing but diagnostics', async () => {
  const { options, text } = screen('quiet');
  const reporter = await createReporter(options);
  for (const event of story()) reporter.emit(event);
  expect(text()).toMatchInlineSnapshot(`
    "╷
    │ ✗ Error: 102: The guest is locked  [pve/locked]
    │
    │ → Wait for the backup.
    ╵
    "
  `);
});

test('a live reporter leaves what ended and the diagnostics, and no frame', () => {
  const { options, text } = screen('live');
  const reporter = createLiveReporter(options);
  for (const event of story()) reporter.emit(event);
  reporter.close();
  expect(shown(text())).toMatchInlineSnapshot(`
    "╷
    │ ✗ Error: 102: The guest is locked  [pve/locked]
    │
    │ → Wait for the backup.
    ╵
    ✗ 102 db  failed                                                          3.0 s
        ✗ apply
    ✓ 101 web  changed                                                   1 min 15 s
        ✓ apply                                                               0.7 s
        ✓ apply_features                                                 1 min 13 s
    "
  `);
});

test('a live reporter writes nothing while a prompt has the terminal, and catches up afterwards', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { options, text } = screen('live', { now: () => Date.now() });
  const reporter = createLiveReporter(options);
  const events = story();
  for (const event of events.slice(0, 14)) reporter.emit(event);
  vi.advanceTimersByTime(300);
  expect(shown(text())).toContain('Setting up docker-ce');
  const release = reporter.hold();
  expect(shown(text()).trim()).toBe('');
  const before = text();
  for (const event of events.slice(14, 17)) reporter.emit(event);
  vi.advanceTimersByTime(1000);
  expect(text()).toBe(before);
  release();
  expect(shown(text())).toContain('The guest is locked');
  expect(shown(text())).toContain('1 of 3 done, 1 failed');
  reporter.close();
  const closed = text();
  vi.advanceTimersByTime(1000);
  expect(text()).toBe(closed);
});

test.each(['plain', 'quiet', 'live'] as const)(
  'whatever guests and nodes say, a %s reporter obeys none of it',
  async (mode) => {
    const evil = 'x\u001B]0;owned\u0007\u001B[2J\u202Ey\nz';
    const { options, text } = screen(mode, { describe: () => evil, isVerbose: mode === 'plain' });
    const reporter = await createReporter(options);
    const operation = set(101, {});
    const common = { at: 0, target: 101, step: 'apply' } as const;
    const started: readonly RunEvent[] = [
      { at: 0, event: 'run-start', verb: 'create', node: evil, targets: [101] },
      { at: 0, event: 'target-start', target: 101, title: evil },
      { ...common, event: 'step-start' },
      {
        ...common,
        event: 'changes',
        changes: [change(evil, { before: evil, after: evil, assumes: evil, effect: 'restart' })],
      },
      { ...common, event: 'operation-start', operation },
      { ...common, event: 'output', line: { stream: 'stdout', text: evil } },
      { ...common, event: 'operation-retry', operation, reason: evil, inMs: 1 },
      { at: 0, event: 'diagnostic', diagnostic: { code: evil, severity: 'warning', summary: evil } },
    ];
    for (const event of started) reporter.emit(event);
    reporter.hold()();
    reporter.emit({
      at: 0,
      event: 'target-end',
      target: 101,
      title: evil,
      result: 'failed',
      reason: evil,
      left: [change(evil)],
      elapsedMs: 0,
    });
    reporter.close();
    expect(text()).toContain('\\x1b');
    expect(text()).not.toMatch(/\u001B\]|\u001B\[2J|\u0007|\u202E/u);
    expect(text()).not.toMatch(/^z/mu);
  },
);

/** What a terminal shows after all is written: cursor up, erase line and synchronized output are enough. */
function shown(written: string): string {
  const lines = [''];
  let row = 0;
  for (const [piece] of written.matchAll(/\u001B\[\??\d*[A-Za-z]|\n|[^\u001B\n]+/gu)) {
    const up = /^\u001B\[(\d+)A$/u.exec(piece);
    if (up) row -= Number(up[1]);
    else if (piece === '\u001B[2K') lines[row] = '';
    else if (piece === '\n') {
      row += 1;
      lines[row] ??= '';
    } else if (!piece.startsWith('\u001B')) lines[row] = (lines[row] ?? '') + piece;
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
