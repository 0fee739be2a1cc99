import { program } from './program.ts';

/**
 * Prints `<pid> <vmid>` for each process of `pct` or `qm` that changes a guest: one that was just
 * started has no task of Proxmox yet, and some calls never get one. It takes no arguments. A tool
 * of another mount namespace belongs to another node.
 */
export const TOOL_PROCESSES_SH = program`
grep -lzxE '(.*/)?(pct|qm)' /proc/[0-9]*/cmdline 2>/dev/null | while read -r path; do
  pid=\${path#/proc/}
  pid=\${pid%/cmdline}
  [ "/proc/$pid/ns/mnt" -ef /proc/self/ns/mnt ] || continue
  printf '%s\n' "=$pid"
  tr '\n\0' ' \n' <"$path" 2>/dev/null
done | awk '
function ends() {
  for (i = 1; i <= count && i <= 4; i++) if (words[i] ~ /^(.*\/)?(pct|qm)$/) break
  if (i > count || i > 4) return
  if (i > 1 && words[1] !~ /^(.*\/)?(perl|node|sh|dash|bash)[0-9.]*$/) return
  call = words[i + 1]
  if (call !~ /^(create|clone|restore|set|resize|start|stop|shutdown|reboot|suspend|resume|destroy|snapshot|delsnapshot|rollback|template|migrate|move-volume|move_volume|move-disk|disk|unlock|cloudinit)$/) return
  for (k = i + 2; k <= i + (call == "clone" ? 3 : call ~ /^(disk|cloudinit)$/ ? 3 : 2); k++)
    if (words[k] ~ /^[0-9]+$/) print pid, words[k]
}
/^=[0-9]+$/ { if (pid != "") ends(); pid = substr($0, 2); count = 0; split("", words); next }
{ words[++count] = $0 }
END { if (pid != "") ends() }'`;
