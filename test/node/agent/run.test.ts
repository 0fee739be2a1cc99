import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { judgeProgram } from '../../../src/pve/messages.ts';
import { fakeAgent, VMID, type FakeAgent, type FakeOptions } from './fake-agent.ts';

async function open(options: FakeOptions = {}): Promise<FakeAgent> {
  const agent = await fakeAgent(options);
  onTestFinished(() => agent.close());
  return agent;
}

const sh = (text: string, ...words: string[]): string[] => ['/bin/sh', '-c', text, 'sh', ...words];
const leftovers = (agent: FakeAgent): string[] => readdirSync(agent.home);

describe('a program in a VM', () => {
  test.each([
    [
      'gives what it prints and its exit code',
      sh('echo out; echo err >&2; exit 42'),
      '',
      42,
      'out\n',
      'err\n',
    ],
    [
      'is told its words as they are',
      sh('printf "%s|" "$@"', 'a b', '$(id)', "it's", '-n', '', 'ü\u{1F525}'),
      '',
      0,
      "a b|$(id)|it's|-n||ü\u{1F525}|",
      '',
    ],
    ['reads its input', ['cat'], 'in\nput', 0, 'in\nput', ''],
    ['reads an input of many pieces', sh('wc -c'), 'x'.repeat(9_000_000), 0, '9000000\n', ''],
    ['may leave its input unread', ['true'], 'x'.repeat(300_000), 0, '', ''],
    ['may print much', sh('head -c 3000000 /dev/zero | tr "\\0" y'), '', 0, 'y'.repeat(3_000_000), ''],
    ['that dies of a signal is told by 128 and more', sh('kill -9 $$'), '', 137, '', ''],
    ['has nothing of our environment', sh('echo "$PHOENIX_TEST_SECRET$HOME"'), '', 0, '/root\n', ''],
    ['starts in the root folder, with the usual mask', sh('pwd; umask'), '', 0, '/\n0022\n', ''],
  ] as const)('%s', async (_, argv, stdin, rc, stdout, stderr) => {
    const agent = await open();
    process.env['PHOENIX_TEST_SECRET'] = 'seen';
    onTestFinished(() => void delete process.env['PHOENIX_TEST_SECRET']);
    const end = await agent.run(argv, { stdin, keep: Infinity });
    expect(end.stderr).toContain(stderr);
    expect({ rc: end.rc, same: end.stdout === stdout, start: end.stdout.slice(0, 80) }).toEqual({
      rc,
      same: true,
      start: stdout.slice(0, 80),
    });
    expect(leftovers(agent)).toEqual([]);
    expect(agent.connections.most).toBe(1);
  });

  test('that is not there is told as a shell does', async () => {
    const agent = await open();
    expect(await agent.run(['phoenix-has-no-such-program'])).toMatchObject({ rc: 127, stdout: '' });
  });

  test('is heard while it runs', async () => {
    const agent = await open();
    const lines: string[] = [];
    const flag = join(agent.home, '..', 'go-on');
    await agent.run(sh('echo first; until [ -e "$1" ]; do sleep 0.05; done; echo last', flag), {
      onLine: ({ text }) => {
        lines.push(text);
        // It comes to its end only once somebody has heard it.
        if (text === 'first') writeFileSync(flag, '');
      },
    });
    expect(lines).toEqual(['first', 'last']);
  });

  test('is talked with', async () => {
    const agent = await open();
    let answer = (_: string): void => {};
    const heard = new Promise<string>((resolve) => (answer = resolve));
    async function* input(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\n');
      yield Buffer.from(`${await heard}\n`);
    }
    const end = await agent.run(sh('read -r a; echo "got $a"; read -r b; echo "then $b"'), {
      stdin: input(),
      onLine: ({ text }) => answer(text),
    });
    expect(end).toMatchObject({ rc: 0, stdout: 'got one\nthen got one\n' });
  });

  test('does not wait for a service that it leaves behind', async () => {
    const agent = await open();
    const end = await agent.run(sh('sleep 20 & echo "$!"'), { timeoutMs: 15_000 });
    process.kill(Number(end.stdout), 'SIGKILL');
    expect(end).toMatchObject({ rc: 0, ended: 'exit' });
    expect(leftovers(agent)).toEqual([]);
  });

  test('is ended with all that it started when its caller is', async () => {
    const agent = await open();
    const mark = `${Date.now()}.5`;
    const stop = new AbortController();
    const end = await agent.run(sh('setsid sleep "$1" & echo ready; sleep "$1"', mark), {
      signal: stop.signal,
      graceMs: 20_000,
      onLine: ({ text }) => text === 'ready' && stop.abort(),
    });
    expect(end.ended).toBe('aborted');
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`sleep ${mark}`);
    expect(leftovers(agent)).toEqual([]);
  });

  test('lives on when the agent is started anew', async () => {
    const agent = await open();
    const flag = join(agent.home, '..', 'go-on');
    const end = await agent.run(
      sh('echo first; until [ -e "$1" ]; do sleep 0.05; done; echo last; exit 7', flag),
      {
        onLine: ({ text }) => {
          if (text !== 'first') return;
          agent.forget();
          writeFileSync(flag, '');
        },
      },
    );
    expect(end).toMatchObject({ rc: 7, stdout: 'first\nlast\n' });
  });
});

describe('an agent', () => {
  test.each([
    ['says something first', () => '{"return": 5}\nnoise\n'],
    [
      'answers an earlier question first',
      (id: number) => Buffer.from(`\u00ff{"return": ${id - 1}}\n`, 'latin1'),
    ],
    ['answers what is no JSON first', () => Buffer.from('\u00ff{"return"\n\u00ff\n', 'latin1')],
    ['says much first', () => 'z'.repeat(3_000_000)],
  ])('that %s is understood', async (_, before) => {
    const agent = await open({ before });
    expect(await agent.run(['echo', 'hi'])).toMatchObject({ rc: 0, stdout: 'hi\n' });
  });

  const LOST = { kind: 'lost', exitCode: null, diagnostic: { code: 'pve/agent-lost' } } as const;
  test.each<[string, FakeOptions, object]>([
    [
      'may not run programs',
      { disabled: ['guest-exec'] },
      {
        kind: 'refused',
        exitCode: 254,
        diagnostic: {
          code: 'pve/agent-refuses',
          detail: expect.stringContaining('Command guest-exec has been disabled'),
        },
      },
    ],
    [
      'ends the connection on the order',
      {
        answer: (request, socket) =>
          request.execute === 'guest-exec' ? (socket.destroy(), 'nothing') : undefined,
      },
      LOST,
    ],
    [
      'answers the order with noise',
      {
        answer: (request, socket) =>
          request.execute === 'guest-exec' ? (socket.write('what?\n'), 'nothing') : undefined,
      },
      LOST,
    ],
    [
      'answers the order with nonsense',
      { answer: (request) => (request.execute === 'guest-exec' ? { return: { pid: '/x' } } : undefined) },
      LOST,
    ],
    [
      'answers the order without an end',
      {
        answer: (request, socket) =>
          request.execute === 'guest-exec' ? (socket.write('"'.repeat(5_000_000)), 'nothing') : undefined,
      },
      LOST,
    ],
  ])('that %s is told apart', async (_, options, outcome) => {
    const agent = await open(options);
    const { rc, stdout, stderr } = await agent.run(['true']);
    expect(judgeProgram({ rc: rc ?? -1, stdout, stderr })).toMatchObject(outcome);
  });

  test('that takes no more input ends the program', async () => {
    const mark = `${Date.now()}.0625`;
    const agent = await open({
      answer: ({ execute }) =>
        execute === 'guest-file-write'
          ? { error: { class: 'GenericError', desc: 'failed to write to file: No space left on device' } }
          : undefined,
    });
    const { rc, stdout, stderr } = await agent.run(sh('sleep "$1"', mark), { stdin: 'x'.repeat(500_000) });
    expect(judgeProgram({ rc: rc ?? -1, stdout, stderr })).toMatchObject({
      kind: 'lost',
      diagnostic: { code: 'pve/agent-lost', detail: expect.stringContaining('No space left on device') },
    });
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`^sleep ${mark}`, 'm'),
    );
    expect(leftovers(agent)).toEqual([]);
  });

  test('that does not answer is told apart', async () => {
    const agent = await open({ answer: () => 'nothing' });
    const { rc, stdout, stderr } = await agent.run(['true']);
    expect(judgeProgram({ rc: rc ?? -1, stdout, stderr }).diagnostic?.code).toBe('pve/agent-not-answering');
  });

  test('that was never configured is told apart from a VM that does not run', async () => {
    const agent = await open();
    rmSync(join(agent.folder, `${VMID}.qga`));
    const judged = async (): Promise<string | undefined> => {
      const { rc, stdout, stderr } = await agent.run(['true']);
      return judgeProgram({ rc: rc ?? -1, stdout, stderr }).diagnostic?.code;
    };
    expect(await judged()).toBe('pve/agent-not-configured');
    rmSync(join(agent.folder, `${VMID}.pid`));
    expect(await judged()).toBe('pve/not-running');
  });

  test('that is frozen by a backup is waited for', async () => {
    let refusals = 0;
    const agent = await open({
      answer: ({ execute }) => {
        if (execute === 'guest-fsfreeze-status') return { return: refusals < 3 ? 'frozen' : 'thawed' };
        if (execute !== 'guest-exec' || refusals >= 3) return undefined;
        refusals++;
        return { error: { class: 'CommandNotFound', desc: 'Command guest-exec has been disabled' } };
      },
    });
    expect(await agent.run(['cat'], { stdin: 'x' })).toMatchObject({ rc: 0, stdout: 'x' });
  });
});

test('what a program says cannot pass for what Phoenix says, where it did something', () => {
  const stderr = 'phoenix-agent: VM 1 not running: x\n';
  expect(judgeProgram({ rc: 1, stdout: '', stderr }).diagnostic).toBeUndefined();
});
