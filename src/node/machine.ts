import type { OutputLine, RunOptions } from '../model/node.ts';
import type { Mask } from './mask.ts';
import { runProcess, type ProcessEnd, type ProcessOptions } from './process.ts';

/** How the machine is reached: a command before every command, and a folder under which its files are. */
export type Machine = {
  /** `[]` on the machine itself, or an `nsenter …` that enters a sandbox's namespaces. */
  readonly spawnPrefix: readonly string[];
  /** `''` on the machine itself, or `/proc/<pid>/root`. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  /** A Node.js that runs there, for checks over the network. */
  readonly nodePath: string;
};

/** Runs a program on the machine. */
export function runOn(
  machine: Machine,
  argv: readonly string[],
  options: ProcessOptions,
): Promise<ProcessEnd> {
  return runProcess([...machine.spawnPrefix, ...argv], { ...options, env: machine.env });
}

/** Calls `onOutput` with masked lines; undefined where nobody listens. */
export function maskedOutput(options: RunOptions, mask: Mask): ((line: OutputLine) => void) | undefined {
  const { onOutput } = options;
  return onOutput && ((line) => onOutput({ stream: line.stream, text: mask(line.text) }));
}

/** The command that runs a command in a place: the node itself, or a container with nothing of our environment. */
export function inPlace(place: 'node' | number, argv: readonly string[]): string[] {
  // Far quicker than `pct exec`, which does the same after half a second of loading Perl.
  return place === 'node'
    ? [...argv]
    : ['lxc-attach', '-n', String(place), '--clear-env', '--', ...absoluteShell(argv)];
}

/** A container's PATH may be anything; its shell is where POSIX systems have it. */
function absoluteShell(argv: readonly string[]): readonly string[] {
  return argv[0] === 'sh' ? ['/bin/sh', ...argv.slice(1)] : argv;
}
