import fc from 'fast-check';
import type { Fault } from '../../src/twin/index.ts';

/** Whatever can go wrong with an operation; a tool is killed at one of its first calls. */
export function faultsWithin(calls: number): fc.Arbitrary<Fault> {
  return fc.oneof(
    fc.record({
      fault: fc.constantFrom('fail' as const, 'hang' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    fc.record({
      fault: fc.constant('kill' as const),
      tool: fc.constantFrom('not-started' as const, 'has-ended' as const),
    }),
    fc.record({
      fault: fc.constant('kill' as const),
      tool: fc.constantFrom('survives' as const, 'dies' as const),
      afterCalls: fc.nat(calls),
    }),
  );
}
