// `npm run bench`: what starting, validating and planning cost, as ratios to a bare `node -e 0` measured in the same run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
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
  largeNode();
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
  for (let index = 0; index < 20; index += 1) {
    const set = ['node', '--host', twin, '--', 'pct', 'set', String(1000 + 50 * index), '--memory', '777'];
    inspect([PHOENIX, ...set]);
  }
  ratio(
    'plan, 1,000 of which 20 changed',
    ['plan', '--config', large, '--host', twin],
    3,
    'at most 1.5 s over it',
  );
  const { peakMiB } = inspect([PHOENIX, 'plan', '--config', large, '--host', twin]);
  print('  its peak memory', `${peakMiB.toFixed(0)} MiB`, '', 'under 200 MiB');
}

// How well a converge of 1,000 is ordered, on the twin's virtual clock, and what such a node costs to look at.
function largeNode() {
  const program = join(scratch, 'large-node.mjs');
  buildSync({
    entryPoints: ['bench/large-node.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
  const { rc, stdout, stderr } = time([process.execPath, program, large]);
  if (rc !== 0) throw new Error(stderr);
  const found = JSON.parse(stdout);
  const bound = Math.max(found.criticalPathMs, found.busiestMs);
  const which = found.criticalPathMs > found.busiestMs ? 'the critical path' : `the gate ${found.busiest}`;
  const minutes = (found.makespanMs / 60_000).toFixed(1);
  print(
    'converge of 1,000, on a virtual clock',
    `${minutes} min`,
    `${(found.makespanMs / bound).toFixed(3)}x`,
    `at most 1.1x ${which}`,
  );
  print('one observation of 1,000', `${(found.observationBytes / 1024).toFixed(0)} KiB`);
  print('  parsed in', `${found.parseMs.toFixed(0)} ms`);
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
