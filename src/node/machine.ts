import type { OutputLine, RunOptions } from '../model/node.ts';
import type { Place } from '../model/target.ts';
import { inMachine } from './agent/index.ts';
import type { Mask } from './mask.ts';
import type { ProcessEnd, ProcessOptions } from './process.ts';

/** A Proxmox host as its operations see it. */
export type Machine = {
  /** Runs a program there. */
  readonly run: (argv: readonly string[], options: ProcessOptions) => Promise<ProcessEnd>;
  /** The folder under which its files are seen from here, `''` on the machine itself; undefined: only programs there see them. */
  readonly root: string | undefined;
  /** Who asks services over its network: this process, which is in it, or a Node.js or a Perl that runs there. */
  readonly network: 'ours' | 'perl' | { readonly nodePath: string };
  /** Is this guest a virtual machine, as far as anybody looked? */
  readonly isVm: (vmid: number) => boolean;
};

/** Runs a program on the machine. */
export function runOn(
  machine: Pick<Machine, 'run'>,
  argv: readonly string[],
  options: ProcessOptions,
): Promise<ProcessEnd> {
  return machine.run(argv, options);
}

/** Runs a program in a place; what leads into a VM ends there what it began before it is killed. */
export function runIn(
  machine: Machine,
  place: Place,
  argv: readonly string[],
  options: ProcessOptions,
): Promise<ProcessEnd> {
  const isInVm = place !== 'node' && machine.isVm(place);
  return runOn(machine, inPlace(machine, place, argv), { ...options, ...(isInVm && { graceMs: GRACE_MS }) });
}

const GRACE_MS = 15_000;

/** Calls `onOutput` with masked lines; undefined where nobody listens. */
export function maskedOutput(options: RunOptions, mask: Mask): ((line: OutputLine) => void) | undefined {
  const { onOutput } = options;
  return onOutput && ((line) => onOutput({ stream: line.stream, text: mask(line.text) }));
}

/** The command that runs a command in a place: the node itself, or a guest with nothing of our environment. */
export function inPlace({ isVm }: Pick<Machine, 'isVm'>, place: Place, argv: readonly string[]): string[] {
  if (place === 'node') return [...argv];
  if (isVm(place)) return inMachine(place, absoluteShell(argv));
  // Far quicker than `pct exec`, which does the same after half a second of loading Perl.
  return ['lxc-attach', '-n', String(place), '--clear-env', '--', ...absoluteShell(argv)];
}

/** A guest's PATH may be anything; its shell is where POSIX systems have it. */
function absoluteShell(argv: readonly string[]): readonly string[] {
  return argv[0] === 'sh' ? ['/bin/sh', ...argv.slice(1)] : argv;
}
