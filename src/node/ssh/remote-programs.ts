import { program } from '../program.ts';

/**
 * Runs a command on the far side of an SSH connection: with an environment of its own, marked by a
 * token and its own pid, which leads the session that sshd gave it. `ssh` ends with 255 when the
 * connection fails, so a command that does so itself is told by the token. Arguments: the token, the
 * command.
 */
export const REMOTE_SH = program`
token=$1
shift
PHOENIX_SSH=$token:$$ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 LC_ALL=C.UTF-8
export PHOENIX_SSH PATH LANG LC_ALL
"$@"
code=$?
[ "$code" = 255 ] && echo "phoenix-ssh $token" >&2
exit "$code"`;

/**
 * Ends the processes that a command left in its session. Argument: its token. What has a session of
 * its own, as Proxmox's tasks have, is let be.
 */
export const REMOTE_STOP_SH = program`
found=$(grep -lsF "PHOENIX_SSH=$1:" /proc/[0-9]*/environ | while read -r path; do
  tr '\0' '\n' <"$path" 2>/dev/null | sed -n "s/^PHOENIX_SSH=$1:\([0-9][0-9]*\)$/\1/p"
done | head -n 1)
[ "$found" ] || exit 0
kill -TERM "-$found" 2>/dev/null
tries=0
while [ "$tries" -lt 100 ] && kill -0 "-$found" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" = 85 ] && kill -KILL "-$found"
  sleep 0.2
done`;
