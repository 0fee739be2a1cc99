import type { EditOperation } from '../model/operation.ts';
import type { CommandResult } from '../model/node.ts';
import { HostError, type Host } from './host.ts';

/**
 * Replaces lines in the head section of a guest's config file under Proxmox's lock of it, as a real
 * node's editor does: a line to remove goes once, a line to add that is there is not added again, and
 * what is added stands at the section's end.
 */
export async function editConfig(host: Host, operation: EditOperation): Promise<CommandResult> {
  const { path, vmid } = operation;
  const lock = path.includes('/qemu-server/')
    ? `/var/lock/qemu-server/lock-${vmid}.conf`
    : `/run/lock/lxc/pve-config-${vmid}.lock`;
  const release = await host.lock(lock, 10_000);
  if (!release) return failed(255, `can't lock file '${lock}' - got timeout`);
  try {
    const text = await host.files.read(path);
    if (text === undefined) return failed(2, `Configuration file '${path}' does not exist`);
    const edited = editHead(text, operation.remove, operation.add);
    if ('lock' in edited) return failed(255, `CT is locked (${edited.lock})`);
    if (edited.text !== undefined) await host.files.write(path, edited.text);
    return { rc: 0, stdout: '', stderr: '' };
  } catch (error) {
    if (error instanceof HostError) return failed(1, error.message);
    throw error;
  } finally {
    await release();
  }
}

type Edited = { readonly text: string | undefined } | { readonly lock: string };

function editHead(text: string, remove: readonly string[], add: readonly string[]): Edited {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const section = lines.findIndex((line) => /^\[.+\][ \t]*$/.test(line));
  const head = section < 0 ? lines : lines.slice(0, section);
  const held = head.map(canonical).find((line) => line.startsWith('lock: '));
  if (held !== undefined) return { lock: held.slice('lock: '.length) };
  const gone = remove.map(canonical);
  const kept = head.filter((line) => {
    const index = gone.indexOf(canonical(line));
    if (index >= 0) gone.splice(index, 1);
    return index < 0;
  });
  const there = new Set(kept.map(canonical));
  const added = add.filter((line) => !there.has(canonical(line)) && there.add(canonical(line)));
  if (kept.length === head.length && added.length === 0) return { text: undefined };
  let edge = kept.length;
  while (edge > 0 && /^[ \t]*$/.test(kept[edge - 1] ?? '')) edge--;
  const rest = section < 0 ? [] : lines.slice(section);
  const whole = [...kept.slice(0, edge), ...added, ...kept.slice(edge), ...rest];
  return { text: whole.map((line) => `${line}\n`).join('') };
}

/** A setting as Proxmox would write it. */
function canonical(line: string): string {
  const trimmed = line.replace(/[ \t]+$/, '');
  if (/^lxc\.[A-Za-z0-9_.-]+[ \t]*[:=]/.test(trimmed)) return trimmed.replace(/[ \t]*[:=][ \t]*/, ': ');
  return /^[a-z][a-z_-]*[0-9]*:/.test(trimmed) ? trimmed.replace(/:[ \t]*/, ': ') : trimmed;
}

function failed(rc: number, message: string): CommandResult {
  return { rc, stdout: '', stderr: `${message}\n` };
}
