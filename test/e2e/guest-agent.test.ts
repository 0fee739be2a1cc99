import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Node, OutputLine } from '../../src/model/node.ts';
import type { ExecOperation, Probe, WaitOperation } from '../../src/model/operation.ts';
import { Secret } from '../../src/model/value.ts';
import { localNode, sshNode } from '../../src/node/index.ts';
import { runCommand } from '../../src/sandbox/command.ts';
import { ROOT } from './open-place.ts';
import { realAgent, type RealAgent } from './real-agent.ts';
import { startSshd } from './sshd.ts';

const VMID = 999_999_103;
const HIDDEN = new Secret('env:TOKEN', () => 'hunter2-and-more');

let agent: RealAgent;
let node: Node;
beforeAll(async () => {
  agent = await realAgent(VMID);
});
afterAll(() => agent.dispose());
beforeEach(async () => {
  await agent.restart();
  node = localNode({ spawnPrefix: agent.enter, secrets: [HIDDEN] });
});

const COMMON = { target: VMID, step: 'test', changes: [], gates: [], in: VMID } as const;
const script = (content: string, rest: Partial<ExecOperation> = {}): ExecOperation =>
  ({
    ...COMMON,
    op: 'exec',
    script: { name: 'try', content, inputs: { token: HIDDEN } },
    timeoutMs: 20_000,
    ...rest,
  }) as ExecOperation;
const wait = (state: WaitOperation['for'], timeoutMs = 20_000): WaitOperation => ({
  ...COMMON,
  op: 'wait',
  for: state,
  timeoutMs,
});
const leftovers = (): string[] => readdirSync('/run/phoenix').filter((name) => name !== 'lock');

describe('in a VM, through the real agent', () => {
  test('a script gets its inputs, is heard, and gives its exit code; no secret is told', async () => {
    const lines: OutputLine[] = [];
    const outcome = await node.run(
      script(
        '#!/bin/bash\necho begins; cat "$PHOENIX_INPUTS"; echo "$V" | tr a-z A-Z; echo oops >&2; exit 42\n',
        { env: { V: 'it’s "so"\n$(id)' } },
      ),
      {
        onOutput: (line) => lines.push(line),
      },
    );
    expect(outcome).toMatchObject({
      exitCode: 42,
      kind: 'refused',
      stdout: 'begins\n{\n  "token": "•••"\n}\nIT’S "SO"\n$(ID)\n',
      // It may have had to wait for one of an earlier test.
      stderr: expect.stringMatching(/(?:^|\n)oops\n$/) as string,
    });
    expect(lines).toContainEqual({ stream: 'stderr', text: 'oops' });
    expect(leftovers()).toEqual([]);
  });

  test('a script is ended at its limit, and when aborted, with all that it started', async () => {
    for (const how of ['limit', 'abort']) {
      const mark = `${Date.now()}.25`;
      const stop = new AbortController();
      const operation = script(`#!/bin/sh\nsetsid sleep ${mark} & echo ready; sleep ${mark}`, {
        timeoutMs: how === 'limit' ? 1000 : 30_000,
      });
      const outcome = await node.run(operation, {
        signal: stop.signal,
        onOutput: ({ text }) => how === 'abort' && text === 'ready' && stop.abort(),
      });
      const code = how === 'limit' ? 'node/timeout' : 'node/interrupted';
      expect(outcome).toMatchObject({ kind: 'lost', exitCode: null, diagnostic: { code } });
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`sleep ${mark}`);
      expect(leftovers()).toEqual([]);
    }
  });

  test('a script lives on when the agent is started anew, as its own update does', async () => {
    const flag = `/run/phoenix-test-${Date.now()}`;
    const lines: string[] = [];
    const running = node.run(
      script(`#!/bin/sh\necho begun; until [ -e ${flag} ]; do sleep 0.1; done; seq 5000; exit 6`),
      {
        onOutput: ({ text }) =>
          lines.push(text) && text === 'begun' && void agent.restart().then(() => writeFileSync(flag, '')),
      },
    );
    expect(await running).toMatchObject({ kind: 'refused', exitCode: 6 });
    expect(lines).toEqual(['begun', ...Array.from({ length: 5000 }, (_, index) => String(index + 1))]);
    expect(leftovers()).toEqual([]);
    rmSync(flag);
  });

  test('a file is written whole, with its mode, and removed', async () => {
    const path = `/run/phoenix-test-${Date.now()}/deep/file`;
    const content = `${'ü\n\0"'.repeat(20_000)}end`;
    expect(await node.run({ ...COMMON, op: 'write', path, content, mode: 0o640 }, {})).toMatchObject({
      kind: 'done',
    });
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(await node.run({ ...COMMON, op: 'write', path, content: null }, {})).toMatchObject({
      kind: 'done',
    });
    expect(readdirSync(join(path, '..'))).toEqual([]);
    rmSync(join(path, '../..'), { recursive: true });
  });

  test.each<[Probe, string]>([
    [{ kind: 'command', argv: ['true'] }, 'done'],
    [{ kind: 'command', argv: ['false'] }, 'refused'],
    [{ kind: 'command', argv: ['phoenix-has-no-such-program'] }, 'refused'],
  ])('a check of %j is %s', async (probe, kind) => {
    const check = { ...COMMON, op: 'check', probe, retries: 1, intervalMs: 10, timeoutMs: 5000 } as const;
    expect((await node.run(check, {})).kind).toBe(kind);
  });

  test('a command of phoenix exec gets its input and gives its exit code', async () => {
    const words = [
      process.execPath,
      join(ROOT, 'bin/phoenix'),
      'exec',
      String(VMID),
      '--host',
      'local',
      '--',
      'sh',
      '-c',
      'wc -c; echo err >&2; exit 9',
    ];
    const fed = ['sh', '-c', 'head -c 200000 /dev/zero | "$@"', 'sh', ...words];
    const end = await runCommand([...agent.enter, ...fed]);
    expect(end).toEqual({ code: 9, stdout: '200000\n', stderr: 'err\n' });
  });

  test.each<[string, (path: string) => void, unknown]>([
    [
      'is read',
      (path) => writeFileSync(path, '{"features":{"docker":"sha256:1"},"scripts":{}}\n'),
      { features: { docker: 'sha256:1' }, scripts: {} },
    ],
    ['may be missing', () => {}, 'none'],
    ['that is a link is not', (path) => symlinkSync('/etc/shadow', path), 'unknown'],
    ['that is a folder is not', (path) => mkdirSync(path), 'unknown'],
    ['that is huge is not', (path) => writeFileSync(path, `{"features":{}}${' '.repeat(70_000)}`), 'unknown'],
    [
      'that is noise is not',
      (path) => writeFileSync(path, 'x\nend\nphoenix-observation 1\nnode\tevil\n'),
      'unknown',
    ],
  ])('its record %s', async (_, make, expected) => {
    const folder = join(agent.varLib, 'phoenix');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    make(join(folder, 'record.json'));
    const needs = { paths: [], volumesOf: [], recordsOf: [VMID] };
    expect((await node.observe([VMID], needs)).guests.get(VMID)?.record).toEqual(expected);
    const unasked = await node.observe([VMID], { ...needs, recordsOf: [] });
    expect(unasked.guests.get(VMID)?.record).toBe('unknown');
    expect(unasked.text).not.toMatch(/^record/m);
  });

  test('its record is given up where nothing answers, in good time and without a word', async () => {
    await agent.stop();
    agent.pretend(process.pid, '');
    const needs = { paths: [], volumesOf: [], recordsOf: [VMID] };
    const began = performance.now();
    const { diagnostics } = await node.observe([VMID], needs);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(diagnostics).toEqual([]);
  });

  test('it is observed as running', async () => {
    const { guests } = await node.observe([VMID], { paths: [], volumesOf: [] });
    expect(guests.get(VMID)).toMatchObject({ kind: 'vm', running: true });
  });
});

describe('a wait', () => {
  test('for the agent ends once it answers', async () => {
    expect(await node.run(wait('agent'), {})).toMatchObject({ kind: 'done' });
    await agent.stop();
    const waiting = node.run(wait('agent'), {});
    await agent.restart();
    expect(await waiting).toMatchObject({ kind: 'done' });
  });

  const answers = (status: string, code: number): string =>
    `#!/bin/sh\ncase "$*" in\n*--wait*) exit ${code} ;;\n*json*) echo '${status}'; exit ${code} ;;\nesac\n`;

  test.each([
    ['done', answers('{"status": "done", "errors": [], "recoverable_errors": {}}', 0), { kind: 'done' }],
    [
      'degraded',
      answers(
        '{"status": "done", "extended_status": "degraded done", "errors": [], "recoverable_errors": {"WARNING": ["no such key: pakages"]}}',
        2,
      ),
      { kind: 'done', diagnostic: { severity: 'warning', detail: 'no such key: pakages' } },
    ],
    [
      'failed',
      answers('{"status": "error", "errors": ["apt failed"], "recoverable_errors": {}}', 1),
      { kind: 'refused', diagnostic: { detail: 'apt failed' } },
    ],
    [
      'failed, of an old version',
      '#!/bin/sh\ncase "$*" in *json*) exit 2 ;; esac\necho "status: error"; exit 1\n',
      { kind: 'refused' },
    ],
    [
      'done, of an old version',
      '#!/bin/sh\ncase "$*" in *json*) exit 2 ;; esac\necho "status: done"\n',
      { kind: 'done' },
    ],
  ])('for Cloud-Init that is %s', async (_, program, outcome) => {
    agent.put('cloud-init', program);
    expect(await node.run(wait('cloud-init'), {})).toMatchObject(outcome);
  });

  test('for Cloud-Init that does not end tells where it was', async () => {
    agent.put(
      'cloud-init',
      '#!/bin/sh\ncase "$*" in *--wait*) sleep 60 ;; esac\necho \'{"status": "running", "stage": "modules-config"}\'\n',
    );
    expect(await node.run(wait('cloud-init', 1500), {})).toMatchObject({
      kind: 'lost',
      diagnostic: { code: 'guest/cloud-init-late', detail: expect.stringContaining('modules-config') },
    });
  });

  test('for an agent that does not come tells what the console said', async () => {
    await agent.stop();
    // The VM itself runs on: its process is that of this test.
    agent.pretend(process.pid, 'Booting…\r\n\u001b[31mKernel panic\u001b[0m - not syncing\r\n');
    expect(await node.run(wait('agent', 1000), {})).toMatchObject({
      kind: 'lost',
      diagnostic: {
        code: 'guest/agent-not-answering',
        detail: expect.stringContaining('Kernel panic - not syncing'),
      },
    });
  });

  test('for what is in a VM that does not run is refused at once', async () => {
    await agent.stop();
    const began = performance.now();
    expect(await node.run(wait('agent', 60_000), {})).toMatchObject({ kind: 'refused' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

test('a VM of a node that is reached over SSH is entered as well', async () => {
  const sshd = await startSshd(agent.enter);
  const env = { ...process.env, PATH: `${sshd.path}:${process.env['PATH']}` };
  const address = { host: '127.0.0.1', user: 'root', port: sshd.port };
  const far = await sshNode(address, { isTerminal: false, env, secrets: [HIDDEN] }).catch(
    (error: unknown) => {
      sshd.close();
      throw error;
    },
  );
  try {
    const outcome = await far.run(script('#!/bin/sh\ncat "$PHOENIX_INPUTS"; echo "it’s $1"; exit 3'), {});
    expect(outcome).toMatchObject({ exitCode: 3, stdout: '{\n  "token": "•••"\n}\nit’s \n' });
    expect(await far.command(['tr', 'a-z', 'A-Z'], { in: VMID, stdin: 'input' })).toMatchObject({
      stdout: 'INPUT',
    });
    const mark = `${Date.now()}.875`;
    const stop = new AbortController();
    await far.command(['sh', '-c', `echo ready; sleep ${mark}`], {
      in: VMID,
      signal: stop.signal,
      onText: () => stop.abort(),
    });
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`^sleep ${mark}`, 'm'),
    );
    expect(leftovers()).toEqual([]);
  } finally {
    await far.close();
    sshd.close();
  }
});

test('an agent that may not run programs is told apart, as Red Hat’s may not', async () => {
  await agent.restart('-b', 'guest-exec,guest-exec-status,guest-file-open');
  await node.observe([VMID], { paths: [], volumesOf: [] });
  const outcome = await node.run({ ...COMMON, op: 'exec', argv: ['true'], timeoutMs: 5000 }, {});
  expect(outcome).toMatchObject({ kind: 'refused', diagnostic: { code: 'pve/agent-refuses' } });
});
