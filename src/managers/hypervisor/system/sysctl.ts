import type { HostInput, Part } from '../part.ts';
import { finding } from '../operations.ts';
import { system } from './operations.ts';

/** Phoenix's own file of kernel parameters; the last of its folder by name, so that it holds. */
export const SYSCTL_FILE = '/etc/sysctl.d/99-zz-phoenix.conf';

/** Kernel parameters: live, and at each boot. One that the kernel does not have (yet) is only kept. */
export function sysctl({ desired, observed }: HostInput): Part {
  if (desired.sysctl === undefined) return {};
  const live = observed.node.host?.sysctl ?? new Map<string, string>();
  const file = observed.node.files?.get(SYSCTL_FILE);
  const entries = [...desired.sysctl];
  const text =
    entries.length === 0 ? null : HEADER + entries.map(([key, value]) => `${key} = ${value}\n`).join('');
  const isWritten = (file ?? null) === text;
  const wrong = entries.filter(([key, value]) => live.has(key) && words(live.get(key)) !== words(value));
  const unknown = entries.filter(([key]) => !live.has(key)).map(([key]) => key);
  return {
    changes: [
      ...(isWritten
        ? []
        : [system.change('kernel parameters at boot', file && 'others', `${entries.length} set`)]),
      ...wrong.map(([key, value]) => system.change(key, live.get(key), value)),
    ],
    operations: [
      ...(isWritten ? [] : [system.write(['kernel parameters at boot'], SYSCTL_FILE, text, 0o644)]),
      ...wrong.map(([key, value]) => system.run([key], ['sysctl', '-w', `${key}=${value}`])),
    ],
    diagnostics: unknown.length === 0 ? [] : [notYet(unknown)],
  };
}

const HEADER = '# Written by phoenix setup ("sysctl"); changes made here are lost.\n';

function words(text = ''): string {
  return text.trim().split(/\s+/).join(' ');
}

function notYet(keys: readonly string[]) {
  return finding('notice', 'unknown-parameter', {
    summary: 'The kernel does not have some parameters now',
    detail: `${keys.join(', ')}: kept for the next boot. A parameter comes with its module ("kernel_modules").`,
  });
}
