import type { Fault, Faults } from '../../twin/index.ts';
import { quote } from '../command-line/parse.ts';
import { usageStop } from '../stop.ts';

/** Thrown where a twin's fault kills Phoenix: the command ends at once, as a killed one does. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * Reads `--twin-fault`: `fail:3` and `hang:3` strike the operation with that index (from 0) before it
 * did its work, with `:after` after it; `kill:3` ends Phoenix before the tool starts, `kill:3:after`
 * when it has ended, `kill:3:dies=5` when it has made five calls, the tool dying too.
 */
export function readFaults(texts: readonly string[]): Faults | undefined {
  if (texts.length === 0) return undefined;
  const faults = new Map(texts.map(readFault));
  return (_operation, index) => faults.get(index);
}

function readFault(text: string): readonly [number, Fault] {
  const match = /^(fail|hang|kill):(\d+)(?::(before|after|dies=(\d+)))?$/.exec(text);
  const [, kind, index, detail, calls] = match ?? [];
  if (index === undefined || (calls !== undefined && kind !== 'kill'))
    throw usageStop(
      'cli/wrong-value',
      `Option --twin-fault does not take ${quote(text)}.`,
      'It takes: fail:N, hang:N or kill:N, with :after where the work was done, or kill:N:dies=CALLS.',
    );
  const when = detail === 'after' ? 'after' : 'before';
  return [
    Number(index),
    kind === 'kill' ? killAt(when, calls) : { fault: kind === 'hang' ? 'hang' : 'fail', when },
  ];
}

function killAt(when: 'before' | 'after', calls: string | undefined): Fault {
  if (calls !== undefined) return { fault: 'kill', tool: 'dies', afterCalls: Number(calls) };
  return { fault: 'kill', tool: when === 'after' ? 'has-ended' : 'not-started' };
}
