import type { ProcessIdentity } from './process-identity.ts';

/** The words before a command that runs it in a sandbox's namespaces. */
export function spawnPrefix(holder: ProcessIdentity): string[] {
  return ['nsenter', '--target', String(holder.pid), '--mount', '--net', '--uts', '--'];
}

/** The sandbox's root folder as this process sees it. */
export function rootPath(holder: ProcessIdentity): string {
  return `/proc/${holder.pid}/root`;
}

/** What the tools read of their sandbox. */
export type ToolSettings = {
  readonly cgroup: string;
  readonly nodeName: string;
  /** Path of the `cgroup.procs` that the tools join, so that a reset finds them. */
  readonly toolGroup: string;
  /** The same for the virtual machines. */
  readonly machineGroup: string;
  /** The resolver that guests without one of their own get. */
  readonly dns: string;
  /** Names of templates that a folder asks for: `pveam` offers them. */
  readonly templates: readonly string[];
};
