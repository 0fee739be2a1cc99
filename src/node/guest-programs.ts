import { program } from './program.ts';

/**
 * Runs a command with what an archive on stdin holds, in a private folder that is removed afterwards.
 * Arguments: the run's token, `lock` or `free`, the limit in seconds, the command. With `lock` it
 * waits for a script that an earlier run left behind; the lock dies with the runner and is not
 * inherited by what the script starts.
 */
export const RUN_SH = program`
token=$1 lock=$2 limit=$3
shift 3
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PHOENIX_RUN=$token
export PATH HOME LANG PHOENIX_RUN
umask 077
home=/run/phoenix
mkdir -p "$home" && mkdir "$home/$token" && cd "$home/$token" || exit 125
trap 'cd / && rm -rf "$home/$token"' EXIT
tar -xf - || exit 125
exec </dev/null
if [ "$lock" = lock ] && command -v flock >/dev/null 2>&1; then
  exec 9>>"$home/lock" || exit 125
  flock -n 9
  if [ "$?" = 1 ]; then
    echo 'Waiting for a script that an earlier run left behind.' >&2
    flock 9
  fi
fi
while IFS=' ' read -r name value; do
  value=$(printf '%b.' "$value")
  export "$name=\${value%.}"
done <.phoenix-env
if [ -e .phoenix-inputs.json ]; then
  PHOENIX_INPUTS=$PWD/.phoenix-inputs.json
  export PHOENIX_INPUTS
fi
umask 022
timeout -k 10 "$limit" "$@" 9>&-
exit "$?"`;

/** Runs a command that needs nothing but itself. Arguments: the run's token, the limit in seconds, the command. */
export const COMMAND_SH = program`
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PHOENIX_RUN=$1
export PATH HOME LANG PHOENIX_RUN
limit=$2
shift 2
exec timeout -k 10 "$limit" "$@"`;

/** Ends everything that carries a mark in its environment. Argument: the mark, such as `PHOENIX_RUN=<token>`. */
export const STOP_SH = program`
tries=0
while [ "$tries" -lt 30 ]; do
  case $tries in
  0) signal=TERM ;;
  15) signal=KILL ;;
  *) signal=0 ;;
  esac
  found=
  for path in $(grep -lsF "$1" /proc/[0-9]*/environ); do
    path=\${path%/environ}
    kill "-$signal" "\${path#/proc/}" 2>/dev/null && found=1
  done
  [ "$found" ] || break
  tries=$((tries + 1))
  sleep 0.2
done`;

/**
 * Puts what stdin holds at a path, beside it first. Arguments: the path, its mode in octal. Folders
 * above are made. With mode `-` it removes the file instead.
 */
export const WRITE_SH = program`
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
path=$1 mode=$2
if [ "$mode" = - ]; then
  rm -f -- "$path"
  exit
fi
if [ -d "$path" ] && [ ! -L "$path" ]; then
  echo "$path is a folder" >&2
  exit 1
fi
umask 022
case $path in
/*/*) mkdir -p -- "\${path%/*}" || exit 1 ;;
esac
umask 077
temp=$path.phoenix-$$
trap 'rm -f -- "$temp"' EXIT
cat >"$temp" || exit 1
# pmxcfs has permissions of its own and refuses to change them.
case $path in
/etc/pve/*) chmod "$mode" "$temp" 2>/dev/null ;;
*) chmod "$mode" "$temp" || exit 1 ;;
esac
sync "$temp" 2>/dev/null
mv -f -- "$temp" "$path"`;

/** Waits until a guest's init has started everything. It is killed at its limit. */
export const WAIT_INIT_SH = program`
read -r init </proc/1/comm
is_starting() {
  if [ "$init" = systemd ]; then
    state=$(systemctl is-system-running --wait 2>/dev/null) || [ -n "$state" ] ||
      state=$(systemctl is-system-running 2>/dev/null)
    case $state in running | degraded | maintenance | stopping) return 1 ;; esac
  elif [ -d /etc/runlevels ]; then
    level=
    [ ! -e /run/openrc/rc.starting ] && read -r level </run/openrc/softlevel && [ "$level" = default ] && return 1
  else
    for comm in /proc/[0-9]*/comm; do
      name=
      read -r name <"$comm" && case $name in rc | rcS | startpar) return 0 ;; esac
    done
    return 1
  fi
}
while is_starting 2>/dev/null; do sleep 0.2; done`;

/**
 * Waits until a guest has an address and a default route. Where no route comes in five seconds an
 * address is enough: its network may have no way out. A guest with nothing but its loopback is ready.
 */
export const WAIT_NETWORK_SH = program`
has_interface() {
  while read -r name rest; do
    case $name in lo: | Inter-* | face* | sit* | ip6tnl* | tunl*) ;; *) return 0 ;; esac
  done </proc/net/dev
  return 1
}
has_route() {
  while read -r device destination rest; do
    [ "$destination" = 00000000 ] && return 0
  done </proc/net/route
  while read -r destination length source source_length via metric used references flags device; do
    case $destination in *[!0]*) continue ;; esac
    [ "$length" = 00 ] && [ "$device" != lo ] && return 0
  done </proc/net/ipv6_route
  return 1
}
has_address() {
  previous=
  while read -r a b c; do
    case "$a $b $c" in '/32 host LOCAL') case $previous in 127.*) ;; *) return 0 ;; esac ;; esac
    previous=$b
  done </proc/net/fib_trie
  while read -r address index length scope flags device; do
    [ "$scope" = 00 ] && [ "$flags" != 40 ] && return 0
  done </proc/net/if_inet6
  return 1
}
tries=0
while has_interface; do
  has_route && break
  tries=$((tries + 1))
  [ "$tries" -gt 25 ] && has_address && break
  sleep 0.2
done 2>/dev/null`;
