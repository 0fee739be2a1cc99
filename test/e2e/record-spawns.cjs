'use strict';
// `node --require` of this file writes the argv of every process that Phoenix starts, one JSON list a line,
// to the file that $PHOENIX_TEST_SPAWNS names. Processes further down are not Phoenix's own.
const { ChildProcess } = require('node:child_process');
const childProcess = require('node:child_process');
const { appendFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const file = process.env.PHOENIX_TEST_SPAWNS;
if (file && process.argv[1]?.endsWith('/bin/phoenix')) {
  const note = (argv) => appendFileSync(file, `${JSON.stringify(argv)}\n`);
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function recorded(options) {
    note([options.file, ...options.args.slice(1)]);
    return spawn.call(this, options);
  };
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
    const original = childProcess[name];
    childProcess[name] = (...args) => {
      note([name, ...args.filter((arg) => typeof arg === 'string' || Array.isArray(arg)).flat()]);
      return original(...args);
    };
  }
  syncBuiltinESMExports();
}
