import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { HostError, type FileOwner, type HostGuests, type OutputSink } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { SYSTEM_PATH } from '../command.ts';
import { runningContainers } from './run-state.ts';

type Exec = HostGuests['exec'];

const ATTACH = 'lxc-attach';

/** Runs a program in a container with lxc-attach; the environment is this process's if kept. */
export function execIn(environment: Readonly<Record<string, string | undefined>>): Exec {
  return async (vmid, argv, { stdin, keepEnv, onOutput }) => {
    await mustRunNow(vmid);
    const args = ['-n', String(vmid), keepEnv ? '--keep-env' : '--clear-env', '--', ...argv];
    return attach(args, { stdin: stdin ?? '', onOutput, environment });
  };
}

/** Writes a file of the node into a container; the container's own programs do it, below its own root. */
export async function pushFile(vmid: GuestId, from: string, to: string, owner: FileOwner): Promise<void> {
  await mustRunNow(vmid);
  const script = `umask 0; mode=\${2:-}; : >"$1.pve-push" || exit 1
[ -z "$mode" ] || chmod "$mode" "$1.pve-push"; [ -n "$mode" ] || chmod 644 "$1.pve-push"
cat >"$1.pve-push" && { [ -z "$3" ] || chown "$3" "$1.pve-push"; } && { [ -z "$4" ] || chgrp "$4" "$1.pve-push"; } &&
mv -f "$1.pve-push" "$1" || { rm -f "$1.pve-push"; exit 1; }`;
  const words = [to, octal(owner.perms), owner.user ?? '', owner.group ?? ''];
  const args = ['-n', String(vmid), '--clear-env', '--', 'sh', '-c', script, 'push', ...words];
  await transfer(args, { fromFile: from }, `failed to create file: ${to}`);
}

/** Reads a file out of a container into one of the node. */
export async function pullFile(vmid: GuestId, from: string, to: string, owner: FileOwner): Promise<void> {
  await mustRunNow(vmid);
  const args = ['-n', String(vmid), '--clear-env', '--', 'cat', '--', from];
  await transfer(args, { toFile: to }, `failed to open ${from}`);
  const { chmod } = await import('node:fs/promises');
  if (owner.perms !== undefined) await chmod(to, owner.perms);
}

function octal(perms: number | undefined): string {
  return perms === undefined ? '' : perms.toString(8);
}

async function mustRunNow(vmid: GuestId): Promise<void> {
  if (!(await runningContainers()).has(vmid)) throw new HostError(`container ${vmid} is not running`);
}

function attach(
  args: readonly string[],
  options: {
    readonly stdin: string | 'inherit';
    readonly onOutput: OutputSink;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(ATTACH, args, {
      stdio: [options.stdin === 'inherit' ? 'inherit' : 'pipe', 'pipe', 'pipe'],
      env: { ...options.environment },
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      child[stream]?.on('data', (chunk: Buffer) => options.onOutput(stream, decoder.write(chunk)));
    }
    child.on('error', (error) => reject(new HostError(error.message)));
    child.on('close', (code) => resolve(code ?? 255));
    child.stdin?.on('error', () => undefined);
    if (options.stdin !== 'inherit') child.stdin?.end(options.stdin);
  });
}

async function transfer(
  args: readonly string[],
  end: { readonly fromFile?: string; readonly toFile?: string },
  complaint: string,
): Promise<void> {
  const { open } = await import('node:fs/promises');
  const path = end.fromFile ?? end.toFile ?? '';
  const file = await open(path, end.fromFile === undefined ? 'w' : 'r').catch(() => {
    throw new HostError(`failed to open ${path} for ${end.fromFile === undefined ? 'writing' : 'reading'}`);
  });
  try {
    const said = await new Promise<string | undefined>((resolve, reject) => {
      const [input, output] =
        end.fromFile === undefined ? (['ignore', file.fd] as const) : ([file.fd, 'ignore'] as const);
      const child = spawn(ATTACH, args, { stdio: [input, output, 'pipe'], env: { PATH: SYSTEM_PATH } });
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve(code === 0 ? undefined : stderr));
    });
    if (said !== undefined) throw new HostError(`${complaint}: ${said.split(': ').at(-1)?.trim() ?? ''}`);
  } finally {
    await file.close();
  }
}
