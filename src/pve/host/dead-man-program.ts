/**
 * The dead-man switch: a constant POSIX `sh` program that lives on the node, so that it survives
 * whoever started it. All that varies are its arguments. `apply` saves the old files, arms the switch,
 * and leaves the rest to a process of its own, which makes the change and takes it back unless
 * `confirm` comes in time. After a reboot a unit of systemd takes it back before the network comes up;
 * without systemd `settle` of the next run does. The state changes under a lock, so that a
 * confirmation and the end of the time can't both win.
 */
export const DEAD_MAN_SH = `#!/bin/sh
# Phoenix's dead-man switch: takes a change of this host back unless it is confirmed in time.
#   switch apply NAME TOKEN SECONDS [STAGED TARGET]...
#   switch applied NAME TOKEN     0: the change is made; 11: not yet; 12: it is taken back
#   switch confirm NAME TOKEN     0: the change is kept; 11 and 12 as above
#   switch settle NAME SECONDS    waits until nothing is open any more
#   switch check FILE             can a file of interfaces be read?
#   switch reach ADDRESS          does a neighbour answer?
set -u
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
base=/var/lib/phoenix/dead-man
verb=$1 name=$2
home=$base/$name

die() { printf '%s\\n' "$*" >&2; exit 1; }
put() { printf '%s\\n' "$2" >"$1.tmp" && sync "$1.tmp" && mv -f "$1.tmp" "$1"; }
state() { cat "$home/state" 2>/dev/null; }
uptime() { read -r up rest </proc/uptime; up=\${up%%.*}; }

# Copies a file into its place in one move; a missing one is removed there.
place() {
  if [ -e "$1" ]; then
    cp "$1" "$2.phoenix" || return
    chmod --reference="$1" "$2.phoenix" 2>/dev/null
    sync "$2.phoenix" && mv -f "$2.phoenix" "$2"
  else
    rm -f "$2"
  fi
}
place_all() {
  number=0 failed=0
  while read -r target; do
    place "$home/$1/$number" "$target" || failed=1
    number=$((number + 1))
  done <"$home/files"
  return $failed
}

# Makes the host follow its files. Never restarts the network: that would cut guests off their bridges.
reload() {
  case $name in
  network)
    # 89: another ifupdown2 is at work.
    tries=0
    while :; do
      ifreload -a
      rc=$?
      [ $rc -eq 89 ] && [ $tries -lt 60 ] || return $rc
      tries=$((tries + 1))
      sleep 1
    done ;;
  firewall)
    pve-firewall compile >/dev/null || return
    pve-firewall restart || return
    tries=0
    while pve-firewall status | grep -q 'pending changes'; do
      tries=$((tries + 1))
      [ $tries -lt 30 ] || return 1
      sleep 1
    done ;;
  esac
}

# Takes the change back, unless it was kept meanwhile.
restore() {
  reason=$1
  exec 8>"$home/turn"
  flock 8
  case $(state) in
  armed*) token=$(state | cut -d ' ' -f 2) ;;
  restoring*) token=$(state | cut -d ' ' -f 2) reason=$(state | cut -d ' ' -f 3-) ;;
  *) exec 8>&-; return 0 ;;
  esac
  put "$home/state" "restoring $token $reason"
  exec 8>&-
  tries=0
  until place_all old; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || die 'The old files cannot be written back.'
    sleep 3
  done
  if [ "$2" = reload ]; then
    reload >>"$home/log" 2>&1 9>&- || { sleep 2; reload >>"$home/log" 2>&1 9>&-; } ||
      reason="$reason; loading the old state again failed, see $home/log"
  fi
  put "$home/state" "restored $token $reason"
}

# The process that makes the change and watches over it. It holds the lock as long as it lives.
watch() {
  trap '' HUP
  token=$3
  exec 9>"$home/lock"
  flock -n 9 || exit 1
  exec 8>"$home/turn"
  flock 8
  case $(state) in "armed $token "*) ;; *) exit 1 ;; esac
  deadline=$(state | cut -d ' ' -f 3)
  : >"$home/watched"
  place_all new
  placed=$?
  exec 8>&-
  rc=1
  [ $placed -eq 0 ] && { reload >"$home/log" 2>&1 9>&-; rc=$?; }
  put "$home/applied" "$rc"
  if [ "$rc" -ne 0 ]; then
    why=$(grep -i error "$home/log" || cat "$home/log")
    restore "the host could not load it (exit code $rc): $(printf '%s' "$why" | tail -n 3 | tr '\\n' ' ')" reload
    exit
  fi
  while case $(state) in armed*) ;; *) exit ;; esac; do
    uptime
    [ "$up" -lt "$deadline" ] || break
    sleep 1 9>&-
  done
  restore 'nobody confirmed it in time' reload
}

# After a reboot the old files come back before anything reads the new ones.
install_unit() {
  [ -d /run/systemd/system ] || return 0
  case $name in
  network) order='After=local-fs.target
Before=network-pre.target networking.service
Wants=network-pre.target
DefaultDependencies=no' ;;
  firewall) order='After=pve-cluster.service
Before=pve-firewall.service' ;;
  esac
  unit=phoenix-dead-man-$name.service
  printf '%s\\n' '[Unit]' 'Description=Take back an unconfirmed change of the host' \\
    "ConditionPathExists=$home/state" "$order" '[Service]' 'Type=oneshot' \\
    "ExecStart=$base/switch boot $name" >"/etc/systemd/system/$unit.tmp" || return
  mv -f "/etc/systemd/system/$unit.tmp" "/etc/systemd/system/$unit" || return
  mkdir -p /etc/systemd/system/multi-user.target.wants || return
  ln -sf "../$unit" "/etc/systemd/system/multi-user.target.wants/$unit" || return
  # It must outlast a power cut in the next second.
  sync -f /etc/systemd/system 2>/dev/null || sync
}

apply() {
  token=$3 seconds=$4
  shift 4
  mkdir -p "$home" && chmod 700 "$home" || exit 1
  exec 9>"$home/lock"
  flock -n 9 || die 'Another change still waits for its confirmation.'
  case $(state) in armed* | restoring*) die 'Another change was not taken back yet.' ;; esac
  rm -rf "$home/old" "$home/new" "$home/applied" "$home/watched"
  mkdir "$home/old" "$home/new" && : >"$home/files" && : >"$home/log" || exit 1
  number=0
  while [ $# -ge 2 ]; do
    [ -L "$2" ] && die "$2 is a symbolic link: something else writes it."
    cp -p "$1" "$home/new/$number" || exit 1
    if [ -e "$2" ]; then cp -p "$2" "$home/old/$number" || exit 1; fi
    printf '%s\\n' "$2" >>"$home/files" || exit 1
    number=$((number + 1))
    shift 2
  done
  sync "$home/files" "$home"/old/* "$home"/new/* 2>/dev/null
  install_unit || die 'The unit that takes the change back after a reboot cannot be written.'
  uptime
  read -r boot </proc/sys/kernel/random/boot_id
  put "$home/state" "armed $token $((up + seconds)) $boot" || exit 1
  exec 9>&-
  if ! { [ -d /run/systemd/system ] && systemd-run --quiet --collect \\
    --unit="phoenix-dead-man-$name-$token-$up" "$base/switch" watch "$name" "$token" 2>/dev/null; }; then
    setsid "$base/switch" watch "$name" "$token" </dev/null >/dev/null 2>&1 &
  fi
  tries=0
  until [ -e "$home/watched" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ]; then
      restore 'the switch did not start' files
      die 'The dead-man switch did not start; nothing was changed.'
    fi
    sleep 0.1
  done
}

# Is the change made, and does it wait for its confirmation?
applied() {
  case $(state) in
  "armed $3 "*) [ -e "$home/applied" ] && [ "$(cat "$home/applied")" = 0 ] || exit 11 ;;
  "kept $3"*) ;;
  "restoring $3"*) exit 11 ;;
  *) cat "$home/log" 2>/dev/null; state; exit 12 ;;
  esac
}
confirm() {
  exec 8>"$home/turn"
  flock 8
  applied "$@"
  put "$home/state" "kept $3"
  [ "$name" = network ] && end_dead_connections
  return 0
}

# Connections to an address that the host no longer has would hold what they hold for hours.
end_dead_connections() {
  ss -Htn state established 2>/dev/null | while read -r _ _ own _; do
    own=\${own%:*}
    own=\${own#[}
    own=\${own%]}
    ip -o address show to "\${own%%%*}" 2>/dev/null | grep -q . || ss -K src "$own" >/dev/null 2>&1
  done
}

settle() {
  [ -d "$home" ] || exit 0
  exec 9>"$home/lock"
  flock -w "$3" 9 || die 'The switch is still at work.'
  restore 'the host was started anew, or the switch was killed' reload
}

# ifupdown2 exits 1 for mere advice, too, such as about the MTU of a bridge.
check() {
  said=$(ifup -a -s -i "$1" 2>&1)
  printf '%s\\n' "$said" >&2
  case $said in *error:* | *'invalid value'* | *'not found'*) exit 1 ;; esac
}

# Answers by ping, or at least says on the wire that it is there. What was known before counts for nothing.
reach() {
  ip neigh flush to "$1" 2>/dev/null
  tries=0
  while [ $tries -lt 5 ]; do
    ping -n -c 1 -W 1 "$1" >/dev/null 2>&1 && exit 0
    ip neigh show to "$1" | grep -q 'REACHABLE' && exit 0
    tries=$((tries + 1))
  done
  die "$1 does not answer."
}

case $verb in
apply) apply "$@" ;;
watch) watch "$@" ;;
applied) applied "$@" ;;
confirm) confirm "$@" ;;
settle) settle "$@" ;;
boot) restore 'the host was started anew before it was confirmed' files ;;
check) check "$name" ;;
reach) reach "$name" ;;
*) die "switch: no such verb: $verb" ;;
esac
`;
