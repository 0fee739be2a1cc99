import { describe, expect, it } from 'vitest';
import { readScenarios, replay, type Step } from './replay.ts';

/** Steps that the twin does not answer, each with its reason. */
const EXEMPT: readonly { readonly scenario: string; readonly run: string; readonly reason: string }[] = [
  {
    scenario: 'qemu-create-full',
    run: 'qm showcmd 8201 --pretty',
    reason: 'the twin has no QEMU to give a command line to',
  },
];

describe('the twin answers as the real tools did', () => {
  for (const scenario of readScenarios(['lxc-', 'qemu-', 'firewall-', 'storage-', 'templates'])) {
    const exempt = EXEMPT.filter((entry) => entry.scenario === scenario.name);
    it(scenario.name, async () => {
      const isExempt = (step: Step): boolean => exempt.some((entry) => entry.run === step.run?.join(' '));
      for (const answer of await replay(scenario, isExempt)) {
        expect.soft(answer.actual, answer.step).toEqual(answer.expected);
      }
    });
  }
});
