import { program } from './program.ts';

/** Waits on the node until a guest runs or has stopped. Arguments: `running` or `stopped`, the vmid. */
export const WAIT_RUN_STATE_SH = program`
runs() {
  grep -q "@/var/lib/lxc/$1/command$" /proc/net/unix && return 0
  pid=
  read -r pid <"/var/run/qemu-server/$1.pid" && [ -d "/proc/$pid" ]
}
while :; do
  if runs "$2"; then state=running; else state=stopped; fi
  [ "$state" = "$1" ] && exit 0
  sleep 0.2
done 2>/dev/null`;

/**
 * Waits on the node until no task and no tool of a guest lives. Arguments: `WAIT_TASKS_AWK`,
 * `TOOL_PROCESSES_SH`, the vmid. Tools are looked for first: one may get its task at any moment.
 */
export const WAIT_TASKS_SH = program`
while sh -c "$2" | grep -q " $3\$" || awk "$1" "$3"; do sleep 0.5; done`;

/** Exit code 0 while a task of a guest lives, as the observation tells it. Argument: the vmid. */
export const WAIT_TASKS_AWK = program`
function hex(text,   i, value) {
  value = 0
  text = tolower(text)
  for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
  return value
}
BEGIN {
  lives = 0
  while ((getline line < "/var/log/pve/tasks/active") > 0) {
    if (split(line, words, " ") < 1 || words[3] != "") continue
    if (split(words[1], parts, ":") < 8 || parts[1] != "UPID" || parts[7] != ARGV[1]) continue
    stat = ""
    path = "/proc/" hex(parts[3]) "/stat"
    getline stat < path
    close(path)
    sub(/^.*\) /, "", stat)
    split(stat, fields, " ")
    if (fields[20] != "" && fields[20] + 0 == hex(parts[4])) lives = 1
  }
  exit !lives
}`;
