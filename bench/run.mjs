// `npm run bench`: what starting, validating and planning cost, as ratios to a bare `node -e 0` measured in the same run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compare, HOOK, inspect, time } from './measure.mjs';
import { writeFolder } from './folder.mjs';

const PHOENIX = 'bin/phoenix';
const scratch = mkdtempSync(join(tmpdir(), 'phoenix-bench-'));
const small = join(scratch, '24');
const large = join(scratch, '1000');
writeFolder(small, 24);
writeFolder(large, 1000);

try {
  print('what', 'median', 'to bare node', 'aim');
  ratio('--version', ['--version'], 9, 'at most 1.35x');
  ratio('validate, 24 containers', ['validate', '--config', small], 9, 'at most 1.6x');
  ratio('validate, 1,000 containers', ['validate', '--config', large], 5);
  ratio('plan on a fresh twin, 24 containers', ['plan', '--config', small, '--host', 'twin'], 5);
  ratio(
    'plan on a fresh twin, 1,000',
    ['plan', '--config', large, '--host', 'twin'],
    3,
    'at most 1.5 s over it',
  );
  settled();
  childProcesses();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

// A plan of 1,000 containers that are there already: what most plans look like.
function settled() {
  const twin = `twin:${join(scratch, 'world.json')}`;
  const made = inspect([PHOENIX, 'converge', 'all', '--yes', '--config', large, '--host', twin]);
  if (made.rc !== 0) throw new Error(`converge ended with ${made.rc}:\n${made.stderr}`);
  ratio(
    'plan, 1,000 that are right already',
    ['plan', '--config', large, '--host', twin],
    3,
    'at most 1.5 s over it',
  );
  const { peakMiB } = inspect([PHOENIX, 'plan', '--config', large, '--host', twin]);
  print('  its peak memory', `${peakMiB.toFixed(0)} MiB`, '', 'under 200 MiB');
}

// The programs that a no-op `create` of a healthy guest starts itself, on `local`: run on the sandbox's own node.
function childProcesses() {
  const folder = resolve('examples/quickstart');
  const argv = [PHOENIX, 'create', '101', '--config', folder, '--host', 'sandbox'];
  if (process.getuid() !== 0 || !existsSync('/usr/bin/lxc-start')) {
    print('no-op create, direct child processes', '-', '', 'needs root and the sandbox');
    return;
  }
  const first = inspect(argv);
  if (first.rc !== 0) throw new Error(`create ended with ${first.rc}:\n${first.stderr}`);
  const report = '/tmp/phoenix-bench.json';
  const own = [process.execPath, '--require', HOOK, resolve(PHOENIX), 'create', '101', '--config', folder];
  const words = ['sh', '-c', 'report=$1; shift; "$@" >/dev/null 2>&1; cat "$report"', 'sh', report];
  const inside = ['node', '--config', folder, '--host', 'sandbox', '--', ...words];
  const env = ['env', `PHOENIX_BENCH_REPORT=${report}`];
  const answer = time([process.execPath, PHOENIX, ...inside, ...env, ...own, '--host', 'local']);
  const { children } = JSON.parse(answer.stdout);
  print('no-op create, direct child processes', String(children.length), '', '2');
  for (const child of children) print(`  ${child.join(' ').replaceAll(/\s+/g, ' ').slice(0, 90)}`);
  ratio('no-op create of a healthy guest', argv.slice(1), 5, '150 ms on a real host, without nsenter');
}

function ratio(title, argv, runs, aim = '') {
  const { command, bare, ratio } = compare([process.execPath, PHOENIX, ...argv], { runs });
  const over = ((command - bare) / 1000).toFixed(2);
  print(title, `${command.toFixed(0)} ms`, `${ratio.toFixed(2)}x, ${over} s over`, aim);
}

function print(what, value = '', relation = '', aim = '') {
  console.log([what.padEnd(40), value.padStart(9), relation.padStart(20), aim].join('  ').trimEnd());
}
