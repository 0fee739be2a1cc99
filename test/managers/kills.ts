import type { DesiredGuest } from '../../src/model/desired.ts';
import type { Fault } from '../../src/twin/index.ts';
import { converge, lab, type Lab, type TwinRun } from './on-twin.ts';

/** Ways in which Phoenix can be killed at an operation, the tool that it runs with it or not. */
export function kills(moments: readonly number[]): readonly (readonly [string, Fault])[] {
  return [
    ['before the tool was started', { fault: 'kill', tool: 'not-started' }],
    ['when the tool had ended', { fault: 'kill', tool: 'has-ended' }],
    ...(['dies', 'survives'] as const).flatMap((tool) =>
      moments.map((afterCalls) => {
        const fault: Fault = { fault: 'kill', tool, afterCalls };
        return [`where the tool ${tool} at its call ${afterCalls}`, fault] as const;
      }),
    ),
  ];
}

/** How many operations a run from nothing has, which is how many moments there are to be killed at. */
export async function countOperations(
  guests: readonly DesiredGuest[],
  prepare: (node: Lab) => void = () => {},
  options: TwinRun = {},
): Promise<number> {
  let count = 0;
  const node = lab();
  prepare(node);
  await converge(node, guests, {
    ...options,
    faults: () => {
      count += 1;
      return undefined;
    },
  });
  return count;
}
