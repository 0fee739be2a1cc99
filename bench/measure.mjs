// Times whole commands against a bare `node -e 0`, the two in turn, so that a drifting machine does not matter.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Preloaded into a measured process; writes to the file that `$PHOENIX_BENCH_REPORT` names. */
export const HOOK = fileURLToPath(new URL('./hook.cjs', import.meta.url));

/** Runs a command once; gives its wall time, its exit code and what it printed. */
export function time(argv, options = {}) {
  const began = process.hrtime.bigint();
  const result = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  return { milliseconds, rc: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a command and bare node in turn; gives the medians and the median of the ratios, pair by pair. */
export function compare(argv, { runs = 9, options = {}, expect = 0 } = {}) {
  const pairs = [];
  time(argv, options);
  for (let run = 0; run < runs; run++) {
    const bare = time([process.execPath, '-e', '0']);
    const command = time(argv, options);
    if (![expect].flat().includes(command.rc)) {
      throw new Error(`${argv.join(' ')} ended with ${command.rc}:\n${command.stderr}`);
    }
    pairs.push({ bare: bare.milliseconds, command: command.milliseconds });
  }
  return {
    bare: median(pairs.map(({ bare }) => bare)),
    command: median(pairs.map(({ command }) => command)),
    ratio: median(pairs.map(({ bare, command }) => command / bare)),
  };
}

/** Runs a node script with a hook that reports its peak memory (MiB) and the programs that it started itself. */
export function inspect(argv, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-bench-'));
  try {
    const report = join(folder, 'report.json');
    const env = { ...process.env, ...options.env, PHOENIX_BENCH_REPORT: report };
    const result = time([process.execPath, '--require', HOOK, ...argv], { ...options, env });
    return { ...result, ...JSON.parse(readFileSync(report, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
