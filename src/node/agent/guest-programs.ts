import { program } from '../program.ts';

/**
 * Runs a command in a VM so that what it says can be read while it runs: its streams go into files of
 * a private folder, `out.0`, `out.1` …, of which at most two are full at a time; a file that was read
 * is emptied by the reader. Arguments: a nonce, `feed` (input comes as files `in.0` …, then `in.end`)
 * or `own` (input is that of this program), the command. The folder is left for the reader to remove.
 */
export const AGENT_RUN_SH = program`
home=/run/phoenix/agent-$1 feed=$2 feeder=
shift 2
umask 077
nap() { sleep "$1" 2>/dev/null || sleep 1; }
collect() {
  n=0
  while :; do
    dd bs=65536 count=256 of="$home/$1.$n" || [ ! -d "$home" ] || : >"$home/cut"
    [ -s "$home/$1.$n" ] || break
    : >"$home/$1.full"
    while [ "$n" -gt 0 ] && [ -s "$home/$1.$((n - 1))" ]; do nap 0.1; done
    rm -f "$home/$1.full"
    n=$((n + 1))
  done
  : >"$home/$1.end"
}
feed() {
  n=0
  while :; do
    until [ -e "$home/in.$n" ]; do
      [ -d "$home" ] || exit
      nap 0.1
    done
    exec 3<"$home/in.$n"
    while :; do
      last= next=
      [ -e "$home/in.end" ] && last=1
      [ -e "$home/in.$((n + 1))" ] && next=1
      cat <&3
      [ "$next" ] && break
      [ "$last" ] && exit
      [ -d "$home" ] || exit
      nap 0.1
    done
    rm -f "$home/in.$n"
    n=$((n + 1))
  done
}

# What updates the agent restarts its service, which ends every process of its control group.
for group in /sys/fs/cgroup/systemd/cgroup.procs /sys/fs/cgroup/cgroup.procs; do
  [ -e "$group" ] || continue
  (echo "$$" >"$group") 2>/dev/null
  break
done
mkdir -p /run/phoenix && mkdir "$home" && mkfifo "$home/out" "$home/err" "$home/in" || exit 125

# The agent waits until nobody holds our own output: a shell keeps what it redirects for a function.
(exec <"$home/out" >/dev/null 2>&1 && collect out) &
(exec <"$home/err" >/dev/null 2>&1 && collect err) &
if [ "$feed" = feed ]; then
  (exec >"$home/in" 2>/dev/null && feed) &
  feeder=$!
  exec <"$home/in"
fi
(
  umask 022
  cd /
  exec "$@"
) >"$home/out" 2>"$home/err"
code=$?
[ "$feeder" ] && kill "$feeder" 2>/dev/null

# A service that the command left behind may hold its output open for ever.
tries=0
until [ -e "$home/out.end" ] && [ -e "$home/err.end" ]; do
  [ "$tries" -lt 40 ] || break
  if [ -e "$home/out.full" ] || [ -e "$home/err.full" ]; then tries=0; fi
  if [ "$tries" -lt 20 ]; then nap 0.01; else nap 0.02; fi
  tries=$((tries + 1))
done
echo "$code" >"$home/code.new" && mv "$home/code.new" "$home/code"
exit "$code"`;
