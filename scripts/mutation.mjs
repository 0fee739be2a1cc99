// Applies each patch of test/mutation to a copy of the sources and runs the tests that it names: one of
// them must fail. A patch says in its first lines what it breaks and which tests should notice:
//   # Restart a guest without consent.
//   # tests: test/managers/lxc test/property
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PATCHES = join(ROOT, 'test/mutation');
const COPIED = ['src', 'test', 'features', 'examples', 'schemas', 'docs', 'scripts', 'bench', 'bin'];
const FILES = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'vitest.e2e.config.ts', 'README.md'];

const asked = process.argv.slice(2);
const names = readdirSync(PATCHES)
  .filter((name) => name.endsWith('.patch'))
  .filter((name) => asked.length === 0 || asked.some((word) => name.includes(word)))
  .sort();
let survived = 0;
for (const name of names) {
  const startedAt = Date.now();
  const verdict = tryPatch(name);
  if (verdict !== 'caught') survived += 1;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${verdict === 'caught' ? '✓' : '✗'} ${name.replace('.patch', '')}: ${verdict} (${seconds} s)`);
}
console.log(`\n${names.length - survived} of ${names.length} caught`);
process.exitCode = survived === 0 && names.length > 0 ? 0 : 1;

/** `caught` where a test that ran fails; otherwise why not. */
function tryPatch(name) {
  const path = join(PATCHES, name);
  const tests = /^# tests: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.split(' ');
  if (!tests) return 'names no tests';
  const copy = mkdtempSync(join(tmpdir(), 'phoenix-mutation-'));
  try {
    for (const folder of COPIED) cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    for (const file of FILES) cpSync(join(ROOT, file), join(copy, file));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const applied = run('git', ['apply', '--verbose', path], copy);
    if (applied.status !== 0) return `does not apply: ${applied.stderr.trim().split('\n').at(-1)}`;
    const report = join(copy, 'report.json');
    run('npx', ['vitest', 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`, ...tests], copy);
    const { numFailedTests, numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    if (numFailedTests > 0) return 'caught';
    const broken = testResults.filter(({ status }) => status === 'failed');
    if (broken.length > 0) return `the tests do not run: ${broken[0].message.split('\n')[0]}`;
    return numPassedTests === 0 ? 'no test ran' : 'SURVIVED';
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const env = { ...process.env, NO_COLOR: '1', GIT_DIR: undefined, GIT_CEILING_DIRECTORIES: tmpdir() };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
