import { program } from './program.ts';

/** Prints `<vmid> <pid>` for each LXC monitor among the folders of /proc that it is given. */
export const MONITORS_AWK = program`
BEGIN {
  RS = "\001"
  for (i = 1; i < ARGC; i++) {
    title = ""
    path = ARGV[i] "/cmdline"
    getline title < path
    close(path)
    if (title !~ /^\[lxc monitor\] \/var\/lib\/lxc [0-9]+/) continue
    sub(/^\[lxc monitor\] \/var\/lib\/lxc /, "", title)
    match(title, /^[0-9]+/)
    pid = ARGV[i]
    sub(/^\/proc\//, "", pid)
    print substr(title, RSTART, RLENGTH), pid
  }
}`;

/**
 * Reads the records of running containers. Arguments: a nonce, the vmids in question (or `all`);
 * stdin is what `MONITORS_AWK` printed. What it meets inside a container is the work of a stranger:
 * a process may be named like a monitor, so a monitor must share our network and pid namespaces; a
 * folder may become a link at any moment, so where the walk ended is checked after it.
 */
export const RECORDS_SH = program`
nonce=$1 guests=" $2 "
CDPATH=
read_record() {
  cd -P "/proc/$1/root" || { echo unknown; return; }
  for part in var lib phoenix; do
    if [ -L "./$part" ]; then echo unknown; return; fi
    if [ ! -e "./$part" ]; then echo none; return; fi
    if [ ! -d "./$part" ]; then echo unknown; return; fi
    cd -P "./$part" || { echo unknown; return; }
  done
  if [ ! ../../.. -ef "/proc/$1/root" ]; then echo unknown; return; fi
  if [ -L ./record.json ]; then echo unknown; return; fi
  if [ ! -e ./record.json ]; then echo none; return; fi
  if [ ! -f ./record.json ]; then echo unknown; return; fi
  echo read
  dd if=./record.json iflag=nofollow,nonblock,fullblock bs=65537 count=1
  echo
}
while read -r id monitor; do
  case $guests in *" $id "* | ' all ') ;; *) continue ;; esac
  [ "/proc/$monitor/ns/net" -ef /proc/self/ns/net ] || continue
  [ "/proc/$monitor/ns/pid" -ef /proc/self/ns/pid ] || continue
  children=
  read -r children <"/proc/$monitor/task/$monitor/children" || :
  for child in $children; do
    [ "/proc/$child/ns/pid" -ef /proc/self/ns/pid ] && continue
    printf '%s %s ' "$nonce" "$id"
    read_record "$child"
    break
  done
done 2>/dev/null`;

/** Puts records behind their tags. Only its caller knows the nonce, so no record can begin another. */
export const RECORDS_AWK = program`
BEGIN { nonce = ARGV[1]; ARGV[1] = "" }
$1 == nonce { print "record\t" $2 "\t" $3; next }
{ print "=\t" $0 }`;
