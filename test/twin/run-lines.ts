import { expect } from 'vitest';
import type { CommandResult } from '../../src/model/node.ts';
import type { Host } from '../../src/twin/host.ts';
import { runCommand } from '../../src/twin/tools.ts';

/** A template of the fresh world. */
export const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';

/** A command that makes the container 8101 with a volume that can be snapshotted. */
export const PREPARED = `pct create 8101 ${TEMPLATE} --rootfs local-btrfs:1 --unprivileged 1`;

/** The file that PREPARED makes. */
export const CONF = '/etc/pve/lxc/8101.conf';

/** Commands, and what Proxmox VE 8's sources say that the last of them answers. */
export type Case = {
  name: string;
  run: string[];
  rc: number;
  stderr?: string | RegExp;
  stdout?: string | RegExp;
};

/** Runs a case's commands and holds the last answer against it. */
export async function check(host: Host, { run, rc, stderr, stdout }: Case): Promise<void> {
  const result = await runAll(host, run);
  expect(result.rc).toBe(rc);
  if (typeof stderr === 'string') expect(result.stderr).toBe(stderr);
  if (stderr instanceof RegExp) expect(result.stderr).toMatch(stderr);
  if (typeof stdout === 'string') expect(result.stdout).toBe(stdout);
  if (stdout instanceof RegExp) expect(result.stdout).toMatch(stdout);
}

/** Runs commands one after the other; gives the last answer. */
export async function runAll(host: Host, lines: readonly string[]): Promise<CommandResult> {
  let last: CommandResult = { rc: 0, stdout: '', stderr: '' };
  for (const line of lines) last = await runLine(host, line);
  return last;
}

/** Runs a command line; words may stand in single quotes. */
export function runLine(host: Host, line: string): Promise<CommandResult> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return runCommand(host, words);
}
