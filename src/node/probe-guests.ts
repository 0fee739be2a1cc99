import { program } from './program.ts';

/**
 * Prints whole files and what concerns guests: who runs, what LXC was started with, Proxmox's running
 * tasks, the journal's open entries. Arguments: the node's name, then paths; one without a file is
 * passed over. One process reads all files, so that a thousand guests cost one start.
 */
export const GUESTS_AWK = program`
function slurp(path,   part, text, parts) {
  text = ""; parts = 0
  while ((getline part < path) > 0) text = parts++ ? text "\001" part : part
  close(path)
  has_content = parts > 0
  return text
}
function exists(path,   ignored, answer) {
  answer = (getline ignored < path)
  close(path)
  return answer >= 0
}
function hex(text,   i, value) {
  value = 0
  text = tolower(text)
  for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
  return value
}
function is_alive(pid, start,   stat, fields) {
  stat = slurp("/proc/" pid "/stat")
  if (stat == "") return 0
  sub(/^.*\) /, "", stat)
  split(stat, fields, " ")
  return fields[20] + 0 == start
}
# When a process began: field 22 of its stat counts hundredths of a second since the boot (proc(5)).
function began(pid,   stat, fields) {
  stat = slurp("/proc/" pid "/stat")
  if (stat == "" || !match(boot, /btime [0-9]+/)) return ""
  sub(/^.*\) /, "", stat)
  split(stat, fields, " ")
  return int(substr(boot, RSTART + 6, RLENGTH - 6) + fields[20] / 100)
}
function is_machine(id,   pid) {
  pid = slurp("/var/run/qemu-server/" id ".pid")
  sub(/\n.*/, "", pid)
  pids[id] = pid
  return pid ~ /^[0-9]+$/ && slurp("/proc/" pid "/comm") ~ /^(kvm|qemu)/
}
BEGIN {
  RS = "\001"
  node = ARGV[1]

  # As PVE::LXC::Config::check_running and PVE::QemuServer::Helpers::vm_running_locally do.
  count = split(slurp("/proc/net/unix"), lines, "\n")
  for (i = 1; i <= count; i++) {
    if (!match(lines[i], /@\/var\/lib\/lxc\/[0-9]+\/command$/)) continue
    id = substr(lines[i], RSTART + 14)
    sub(/\/command$/, "", id)
    has_socket[id] = 1
  }

  guests = 0
  for (i = 2; i < ARGC; i++) {
    text = slurp(ARGV[i])
    if (!has_content && !exists(ARGV[i])) continue
    print "file\t" ARGV[i]
    count = split(text, lines, "\n")
    for (k = 1; k <= count; k++) print "=\t" lines[k]
    if (split(ARGV[i], parts, "/") != 7 || parts[5] != node) continue
    id = parts[7]
    sub(/\.conf$/, "", id)
    if (parts[6] == "lxc" && id in has_socket) order[++guests] = "lxc\t" id
    if (parts[6] == "qemu-server" && is_machine(id)) order[++guests] = "vm\t" id
  }

  for (i = 1; i <= guests; i++) print "running\t" order[i]
  for (i = 1; i <= guests; i++) {
    split(order[i], parts, "\t")
    if (parts[1] != "vm") continue
    if (boot == "") boot = slurp("/proc/stat")
    print "began\t" parts[2] "\t" began(pids[parts[2]])
  }
  for (i = 1; i <= guests; i++) {
    split(order[i], parts, "\t")
    if (parts[1] != "lxc") continue
    text = slurp("/var/lib/lxc/" parts[2] "/config")
    if (!has_content) continue
    print "started\t" parts[2]
    count = split(text, lines, "\n")
    for (k = 1; k <= count; k++) if (lines[k] ~ /^lxc\./) print "=\t" lines[k]
  }

  # Proxmox tidies this list only when it next looks at it: a task counts while its process lives.
  count = split(slurp("/var/log/pve/tasks/active"), lines, "\n")
  for (i = 1; i <= count; i++) {
    if (split(lines[i], words, " ") < 1 || words[3] != "") continue
    if (split(words[1], parts, ":") < 8 || parts[1] != "UPID" || parts[2] != node) continue
    if (is_alive(hex(parts[3]), hex(parts[4]))) print "task\t" words[1]
  }

  count = split(slurp("/var/lib/phoenix/journal/current.ndjson"), lines, "\n")
  opened = 0
  for (i = 1; i <= count; i++) {
    if (!match(lines[i], /^\{"at":[0-9.]+,"run":"[^"]*","entry":"(begin|end)","index":[0-9]+,/)) continue
    key = substr(lines[i], RSTART, RLENGTH)
    is_begin = key ~ /"entry":"begin"/
    sub(/^\{"at":[0-9.]+,/, "", key)
    sub(/"entry":"(begin|end)",/, "", key)
    if (is_begin) { begins[++opened] = key; entry[key] = lines[i] }
    else delete entry[key]
  }
  for (i = 1; i <= opened; i++) {
    if (!(begins[i] in entry)) continue
    print "open\t" entry[begins[i]]
    delete entry[begins[i]]
  }
}`;
