import type { Change } from '../../model/change.ts';
import type { ExecOperation } from '../../model/operation.ts';
import { recordOf } from '../guest/input.ts';
import type { PresentInput } from './input.ts';
import { writeNodeRecord } from '../guest/keep-record.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

/**
 * Gives a clone SSH host keys of its own: `pct clone` leaves the source's
 * (PVE::LXC::Setup post_clone_hook only empties machine-id). The record on the node says that it is
 * still to be done, and a mark in the guest that it was, so that a killed run neither forgets it nor
 * does it twice.
 */
export function renewHostKeys(input: PresentInput, step: string): Work {
  const { guest, folder } = input;
  const { renewHostKeys: isDue, ...record } = recordOf(guest, folder.folderId);
  if (isDue !== true) return NO_WORK;
  const change: Change = {
    target: guest.vmid,
    step,
    attribute: 'SSH host keys',
    before: "the source's",
    after: 'its own',
    effect: 'live',
  };
  const renew: ExecOperation = {
    op: 'exec',
    target: guest.vmid,
    step,
    changes: [change.attribute],
    gates: [],
    provides: [`ssh-host-keys@${guest.vmid}`],
    in: guest.vmid,
    script: { name: 'renew-ssh-host-keys', content: SCRIPT, args: [`${folder.folderId}/${guest.vmid}`] },
    timeoutMs: 120_000,
    title: 'make SSH host keys anew',
  };
  return {
    ...NO_WORK,
    changes: [change],
    operations: [renew, writeNodeRecord(record, { step, changes: [change.attribute] })],
  };
}

const SCRIPT = `#!/bin/sh
set -eu
mark=/var/lib/phoenix/ssh-host-keys
if [ -f "$mark" ] && [ "$(cat "$mark")" = "$1" ]; then
  exit 0
fi
mkdir -p /var/lib/phoenix
if command -v ssh-keygen >/dev/null 2>&1 && [ -d /etc/ssh ]; then
  rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
  ssh-keygen -A
  if command -v systemctl >/dev/null 2>&1; then
    systemctl try-restart ssh.service sshd.service 2>/dev/null || true
  fi
fi
printf '%s\\n' "$1" >"$mark.new"
mv "$mark.new" "$mark"
`;
