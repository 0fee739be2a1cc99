/**
 * An executable like `pct` or `qm`. Commands that Proxmox runs in a worker outlive the process that asked for
 * them: they get a session of their own, and a TERM is passed on. `@NODE@` and `@TOOL@` are replaced.
 */
export const TOOL_WRAPPER = String.raw`#!/bin/sh
tool=/run/phoenix-sandbox/sandbox-tool.cjs
case @TOOL@/$1 in
pct/create | pct/restore | pct/clone | pct/destroy | pct/start | pct/stop | pct/shutdown | pct/reboot | \
  pct/snapshot | pct/rollback | pct/delsnapshot | pct/resize | pct/move-volume | pct/move_volume | \
  pct/template | qm/create | qm/restore | qm/clone | qm/destroy | qm/start | qm/stop | qm/shutdown | \
  qm/reboot | qm/reset | qm/suspend | qm/resume | qm/snapshot | qm/rollback | qm/delsnapshot | qm/resize | \
  qm/disk | qm/move-disk | qm/move_disk | qm/importdisk | qm/template | pveam/download)
  setsid '@NODE@' "$tool" @TOOL@ "$@" <&0 &
  worker=$!
  trap 'kill -TERM $worker' TERM INT HUP
  while :; do
    wait $worker
    code=$?
    kill -0 $worker 2>/dev/null || exit $code
  done
  ;;
*) exec '@NODE@' "$tool" @TOOL@ "$@" ;;
esac
`;
