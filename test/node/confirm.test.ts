import { describe, expect, test } from 'vitest';
import type { ConfirmOperation } from '../../src/model/operation.ts';
import { confirmChange, type ConfirmWays } from '../../src/node/confirm.ts';
import type { ProcessEnd } from '../../src/node/process.ts';

const OPERATION: ConfirmOperation = {
  op: 'confirm',
  target: 'node',
  step: 'configure_network',
  changes: ['vmbr0 address'],
  gates: [],
  in: 'node',
  name: 'network',
  token: 'abc',
  addresses: ['10.0.0.14'],
  timeoutMs: 1500,
};
const end = (rc: number, stdout = '', stderr = ''): ProcessEnd => ({ rc, stdout, stderr, ended: 'exit' });

/** A host whose switch answers as told, and what was asked of it. */
function host(answers: Readonly<Record<string, readonly ProcessEnd[]>>, ask?: ConfirmWays['ask']) {
  const calls: string[] = [];
  const left = new Map(Object.entries(answers).map(([verb, list]) => [verb, [...list]]));
  const ways: ConfirmWays = {
    run: async (argv, _limits, address) => {
      const verb = argv[1] ?? '';
      calls.push(address === undefined ? verb : `${verb}@${address}`);
      const list = left.get(address === undefined ? verb : `${verb}@${address}`) ?? [];
      return (list.length > 1 ? list.shift() : list[0]) ?? end(255, '', 'no route to host');
    },
    ask,
  };
  return {
    calls,
    confirm: (more: Partial<ConfirmOperation> = {}) =>
      confirmChange({ ...OPERATION, ...more }, ways, (text) => text, {}),
  };
}

describe('confirming a change', () => {
  test('waits until it is made, asks the gateway, then tells the switch to keep it', async () => {
    const { calls, confirm } = host({ applied: [end(11), end(0)], reach: [end(0)], confirm: [end(0)] });
    expect((await confirm({ gateway: '10.0.0.1', timeoutMs: 20_000 })).kind).toBe('done');
    expect(calls).toEqual(['applied', 'applied', 'reach', 'confirm']);
  });

  test('goes on where the node has got another address', async () => {
    const { calls, confirm } = host({ 'applied@10.0.0.14': [end(0)], 'confirm@10.0.0.14': [end(0)] });
    expect((await confirm()).kind).toBe('done');
    expect(calls).toEqual(['applied', 'applied@10.0.0.14', 'confirm@10.0.0.14']);
  });

  test.each([
    [
      'the host took it back',
      { applied: [end(12, 'restored abc it could not be loaded')] },
      'it could not be loaded',
    ],
    ['nobody gets through', { settle: [end(0)] }, 'The node could not be reached again: no route to host'],
    [
      'the gateway is silent',
      { applied: [end(0)], reach: [end(1)], settle: [end(0)] },
      'The gateway 10.0.0.1 does not answer the node.',
    ],
  ])('refuses where %s, and tells the switch nothing', async (_name, answers, detail) => {
    const { calls, confirm } = host(answers);
    const outcome = await confirm({ gateway: '10.0.0.1' });
    expect([outcome.kind, outcome.diagnostic?.code, outcome.diagnostic?.detail]).toEqual([
      'refused',
      'node/change-taken-back',
      detail,
    ]);
    expect(calls).not.toContain('confirm');
  });

  test.each([
    [true, 'done', true],
    [false, 'refused', false],
  ])('does as the person at the terminal says: %s', async (answer, kind, isTold) => {
    const { calls, confirm } = host(
      { applied: [end(0)], confirm: [end(0)], settle: [end(0)] },
      async () => answer,
    );
    expect((await confirm()).kind).toBe(kind);
    expect(calls.includes('confirm')).toBe(isTold);
  });
});
