// Loaded before a measured process: notes the programs that it starts and, at its end, its peak memory.
const childProcess = require('node:child_process');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const report = process.env.PHOENIX_BENCH_REPORT;
delete process.env.PHOENIX_BENCH_REPORT;
const children = [];

const spawn = childProcess.ChildProcess.prototype.spawn;
childProcess.ChildProcess.prototype.spawn = function (options) {
  children.push(options.args ?? [options.file]);
  return spawn.call(this, options);
};
for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
  const original = childProcess[name];
  childProcess[name] = (file, ...rest) => {
    children.push([file, ...(Array.isArray(rest[0]) ? rest[0] : [])]);
    return original(file, ...rest);
  };
}
syncBuiltinESMExports();

process.on('exit', () => {
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  fs.writeFileSync(report, JSON.stringify({ peakMiB, children }));
});
