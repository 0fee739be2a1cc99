import type { HostInput, Part } from '../part.ts';
import { system } from './operations.ts';

/** Phoenix's own list of modules that are loaded at boot. */
export const MODULES_FILE = '/etc/modules-load.d/phoenix.conf';

/** Kernel modules: loaded now, and at each boot. */
export function kernelModules({ desired, observed }: HostInput): Part {
  const wanted = desired.kernelModules;
  const file = observed.node.files?.get(MODULES_FILE);
  if (wanted === undefined) return {};
  const loaded = observed.node.host?.modules ?? new Set<string>();
  const missing = wanted.filter((name) => !loaded.has(name.replaceAll('-', '_')));
  const text = wanted.length === 0 ? null : `${HEADER}${wanted.map((name) => `${name}\n`).join('')}`;
  const isWritten = (file ?? null) === text;
  return {
    changes: [
      ...(isWritten ? [] : [system.change('modules at boot', namesIn(file), wanted.join(' '))]),
      ...missing.map((name) => system.change(`module ${name}`, undefined, 'loaded')),
    ],
    operations: [
      ...(isWritten ? [] : [system.write(['modules at boot'], MODULES_FILE, text, 0o644)]),
      ...missing.map((name) => system.run([`module ${name}`], ['modprobe', '--', name])),
    ],
  };
}

const HEADER = '# Written by phoenix setup ("kernel_modules"); changes made here are lost.\n';

function namesIn(text: string | undefined): string | undefined {
  return text
    ?.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join(' ');
}
