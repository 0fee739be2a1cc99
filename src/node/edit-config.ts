import type { RunOptions } from '../model/node.ts';
import type { EditOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { EDIT_AWK, EDIT_SH } from './edit-program.ts';
import { maskedOutput, runOn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { refused, toolOutcome } from './outcome.ts';

/**
 * Replaces lines in the head section of a guest's config file, under Proxmox's own lock of it
 * (PVE::LXC::Config::config_file_lock, PVE::QemuConfig::config_file_lock).
 */
export async function editConfig(
  machine: Machine,
  operation: EditOperation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  const { path, vmid, remove, add } = operation;
  const lines = [...remove, ...add];
  if (lines.some((line) => /[\n\r\0]/.test(line) || /^\s*(\[|$)/.test(line))) {
    return refused({
      code: 'node/bad-config-line',
      severity: 'error',
      summary: 'A line that is none was to go into a config file',
      detail: lines.map((line) => JSON.stringify(line)).join('\n'),
    });
  }
  const lock = path.includes('/qemu-server/')
    ? `/var/lock/qemu-server/lock-${vmid}.conf`
    : `/run/lock/lxc/pve-config-${vmid}.lock`;
  const words = ['sh', '-c', EDIT_SH, 'phoenix-edit', path, lock, EDIT_AWK, String(remove.length), ...lines];
  const end = await runOn(machine, words, { onLine: maskedOutput(options, mask) });
  return toolOutcome(end, mask);
}
