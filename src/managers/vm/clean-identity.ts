import type { ExecOperation, Operation } from '../../model/operation.ts';
import type { Asks } from '../guest/snapshots.ts';
import { waitFor } from './wait.ts';

const AGENT_MS = 600_000;
const TIMEOUT_MS = 900_000;

/**
 * Takes away what tells a machine from another: its machine id, its SSH host keys, what cloud-init
 * keeps of the first boot. A clone makes its own. The record of what Phoenix applied inside stays,
 * since a clone has all of that. Done once a boot, since cloud-init could not be waited for again.
 */
export function cleanIdentity(vmid: number, { step, attribute }: Asks): readonly Operation[] {
  const clean: ExecOperation = {
    op: 'exec',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    provides: [`identity-cleaned@${vmid}`],
    in: vmid,
    script: { name: 'clean-identity', content: SCRIPT },
    timeoutMs: TIMEOUT_MS,
    title: "clean the machine's identity",
  };
  // A run that was cut short may have started it a moment ago.
  return [waitFor(vmid, 'agent', { step, timeoutMs: AGENT_MS }), clean];
}

/* An empty machine-id is made anew at the next boot (machine-id(5)); an absent one may not be. */
const SCRIPT = `#!/bin/sh
set -eu
mark=/run/phoenix-identity-cleaned
if [ -e "$mark" ]; then
  exit 0
fi
if command -v cloud-init >/dev/null 2>&1; then
  # One that nobody gives anything to do may never say that it is done.
  timeout 600 cloud-init status --wait >/dev/null || true
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
: >"$mark"
sync
`;
