// `npm run quickstart`: a real container, from nothing to healthy, in a sandbox on this machine.
// `npm run quickstart -- --vm`: the same with a virtual machine.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const words = process.argv.slice(2);
const isMachine = words.includes('--vm');
const [example, vmid] = isMachine ? ['quickstart-vm', '102'] : ['quickstart', '101'];
const phoenix = fileURLToPath(new URL('../bin/phoenix', import.meta.url));
const folder = fileURLToPath(new URL(`../examples/${example}`, import.meta.url));
const rest = words.filter((word) => word !== '--vm');
const argv = ['create', vmid, '--config', folder, '--host', 'sandbox', '--yes', ...rest];

const { status } = spawnSync(process.execPath, [phoenix, ...argv], { stdio: 'inherit' });
process.exitCode = status ?? 1;
