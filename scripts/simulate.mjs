// Plays seeded worlds, folders and misfortunes on the twin and checks what must always hold.
//   npm run simulate -- --seeds 2000       so many, from --first on (default 1)
//   npm run simulate -- --seed 4711        one, exactly as it was
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, first: { type: 'string' }, seed: { type: 'string' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const first = Number(values.seed ?? values.first ?? 1);
const total = values.seed === undefined ? Number(values.seeds ?? 200) : 1;
const folder = mkdtempSync(join(tmpdir(), 'phoenix-simulate-'));
const program = join(folder, 'main.mjs');

await build({
  entryPoints: [join(root, 'test/simulate/main.ts')],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});

const startedAt = Date.now();
const hits = new Map();
const failed = [];
let done = 0;
const workers = Math.min(availableParallelism(), total);
const share = Math.ceil(total / workers);
await Promise.all(
  Array.from({ length: workers }, (_, index) =>
    work(first + index * share, Math.min(share, total - index * share)),
  ),
);
rmSync(folder, { recursive: true, force: true });

const table = [...hits].sort(([a], [b]) => (a < b ? -1 : 1));
for (const [what, count] of table) console.log(`${String(count).padStart(7)}  ${what}`);
const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
console.log(`\n${done} seeds from ${first} in ${seconds} s, ${failed.length} broke a law`);
for (const { seed, broken } of failed.slice(0, 20)) {
  console.log(`\nseed ${seed}: npm run simulate -- --seed ${seed}`);
  for (const law of broken) console.log(`  ${law}`);
}
process.exitCode = failed.length === 0 && done === total ? 0 : 1;

async function work(from, count) {
  if (count <= 0) return;
  const child = spawn(process.execPath, [program, String(from), String(count)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const verdict = JSON.parse(line);
    done += 1;
    for (const what of verdict.hits) hits.set(what, (hits.get(what) ?? 0) + 1);
    if (verdict.broken.length > 0) failed.push(verdict);
    if (done % 500 === 0) process.stderr.write(`${done} of ${total}\n`);
  }
}
