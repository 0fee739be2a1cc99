// `npm run quickstart`: a real container, from nothing to healthy, in a sandbox on this machine.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const phoenix = fileURLToPath(new URL('../bin/phoenix', import.meta.url));
const folder = fileURLToPath(new URL('../examples/quickstart', import.meta.url));
const argv = ['create', '101', '--config', folder, '--host', 'sandbox', '--yes', ...process.argv.slice(2)];

const { status } = spawnSync(process.execPath, [phoenix, ...argv], { stdio: 'inherit' });
process.exitCode = status ?? 1;
