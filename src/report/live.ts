import { createLogUpdate } from 'log-update';
import type { RunEvent } from '../model/event.ts';
import { showChange } from './change.ts';
import { renderDiagnostic } from './diagnostics.ts';
import { escapeLines } from './escape.ts';
import type { Output } from './output.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { styleOf } from './style.ts';
import { emptyTree, grow } from './tree.ts';
import { endedLines, treeFrame } from './tree-frame.ts';

const REDRAW_EVERY_MS = 100;

/**
 * A tree on a terminal, redrawn while a run goes on: guest, step, how long, the last line of output.
 * What must stay (diagnostics, guests that ended changed or failed, commands if verbose) is written
 * above it. Redraws at most ten times a second.
 */
export function createLiveReporter(options: ReporterOptions): Reporter {
  const { output, now, describe } = options;
  const style = styleOf(options.hasColour);
  const tree = emptyTree();
  const draw = createLogUpdate(terminalOf(output), { showCursor: true });
  let kept = '';
  let isHeld = false;
  let isDrawn = false;

  const layout = () => ({ columns: output.columns || 80, rows: output.rows || 24, style, describe });
  const erase = (): void => {
    if (isDrawn) draw.clear();
    isDrawn = false;
  };
  const redraw = (): void => {
    if (isHeld) return;
    if (kept !== '') {
      erase();
      output.write(kept);
      kept = '';
    }
    const frame = treeFrame(tree, { ...layout(), now: now() });
    if (frame === '') {
      erase();
      return;
    }
    draw(frame);
    isDrawn = true;
  };
  const timer = setInterval(redraw, REDRAW_EVERY_MS);
  timer.unref();

  return {
    emit: (event) => {
      const ended = grow(tree, event, now());
      const lines =
        ended && event.event === 'target-end'
          ? endedLines(ended, event, layout())
          : linesToKeep(event, options);
      kept += lines.map((line) => `${line}\n`).join('');
    },
    hold: () => {
      redraw();
      erase();
      isHeld = true;
      return () => {
        isHeld = false;
        redraw();
      };
    },
    close: () => {
      clearInterval(timer);
      tree.running.clear();
      isHeld = false;
      redraw();
      draw.done();
    },
  };
}

/* What log-update asks of a stream, and no more. */
function terminalOf(output: Output): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    write: (text: string) => output.write(text),
    get columns() {
      return output.columns || 80;
    },
    get rows() {
      return output.rows || 24;
    },
  };
  return terminal as unknown as NodeJS.WritableStream;
}

function linesToKeep(event: RunEvent, options: ReporterOptions): readonly string[] {
  if (event.event === 'diagnostic') {
    return [renderDiagnostic(event.diagnostic, options).replace(/\n$/u, '')];
  }
  if (!options.isVerbose) return [];
  const style = styleOf(options.hasColour);
  if (event.event === 'operation-start') {
    return escapeLines(options.describe(event.operation)).map((line, index) =>
      index === 0 ? `${style.dim('$')} ${line}` : `  ${line}`,
    );
  }
  if (event.event === 'changes') return event.changes.map((change) => `  ${showChange(change, style)}`);
  return [];
}
