import type { ExecOperation } from '../../model/operation.ts';
import type { Asks } from '../guest/snapshots.ts';

/**
 * Takes away what tells a machine from another: its machine id, its SSH host keys, what cloud-init
 * keeps of the first boot. A clone makes its own. The record of what Phoenix applied inside stays,
 * since a clone has all of that.
 */
export function cleanIdentity(vmid: number, { step, attribute }: Asks): ExecOperation {
  return {
    op: 'exec',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    provides: [`identity-cleaned@${vmid}`],
    in: vmid,
    script: { name: 'clean-identity', content: SCRIPT },
    timeoutMs: 120_000,
    title: "clean the machine's identity",
  };
}

/* An empty machine-id is made anew at the next boot (machine-id(5)); an absent one may not be. */
const SCRIPT = `#!/bin/sh
set -eu
if command -v cloud-init >/dev/null 2>&1; then
  cloud-init clean --logs
fi
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -f /var/lib/systemd/random-seed
if [ -e /etc/machine-id ]; then
  : >/etc/machine-id
fi
if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
  rm -f /var/lib/dbus/machine-id
fi
sync
`;
