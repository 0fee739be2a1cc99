import { program } from './program.ts';

/**
 * Replaces lines in the head section of a guest's config file, under Proxmox's own lock of it (a
 * `flock`, PVE::AbstractConfig::lock_config_full) and as a whole file. Arguments: the file, its lock,
 * `EDIT_AWK`, how many lines to remove, these, the lines to add. Refuses where Proxmox would.
 */
export const EDIT_SH = program`
path=$1 lock=$2 edit_awk=$3
shift 3
umask 022
mkdir -p "\${lock%/*}" && exec 9>>"$lock" || exit 1
if ! flock -w 10 9; then
  echo "can't lock file '$lock' - got timeout" >&2
  exit 255
fi
if [ ! -f "$path" ]; then
  echo "Configuration file '$path' does not exist" >&2
  exit 2
fi
umask 027
temp=$path.tmp.$$
trap 'rm -f "$temp"' EXIT
LC_ALL=C awk "$edit_awk" "$path" "$@" >"$temp"
case $? in
0) mv -f "$temp" "$path" ;;
10) exit 0 ;;
*) exit 255 ;;
esac`;

/**
 * Prints the edited file; exit code 10: nothing to do, 11: Proxmox holds the guest. A line to remove
 * goes once, wherever in the head it stands; a line to add that is there is not added again.
 */
export const EDIT_AWK = program`
function canonical(line) {
  sub(/[ \t]+$/, "", line)
  if (line ~ /^lxc\.[A-Za-z0-9_.-]+[ \t]*[:=]/) sub(/[ \t]*[:=][ \t]*/, ": ", line)
  else if (line ~ /^[a-z][a-z_-]*[0-9]*:/) sub(/:[ \t]*/, ": ", line)
  return line
}
BEGIN {
  path = ARGV[1]
  removes = ARGV[2]
  for (i = 3; i < 3 + removes; i++) gone[canonical(ARGV[i])]++
  head = 1
  while ((getline line < path) > 0) {
    if (head && line ~ /^\[.+\][ \t]*$/) { head = 0; edge = count }
    if (head) {
      key = canonical(line)
      if (key ~ /^lock: /) { held = substr(key, 7); break }
      if (gone[key] > 0) { gone[key]--; changed = 1; continue }
      there[key] = 1
    }
    lines[++count] = line
  }
  if (held != "") {
    print "CT is locked (" held ")" > "/dev/stderr"
    exit 11
  }
  if (head) edge = count
  while (edge > 0 && lines[edge] ~ /^[ \t]*$/) edge--
  for (i = 3 + removes; i < ARGC; i++) {
    key = canonical(ARGV[i])
    if (key in there) continue
    there[key] = 1
    added[++adds] = ARGV[i]
    changed = 1
  }
  if (!changed) exit 10
  for (i = 1; i <= edge; i++) print lines[i]
  for (i = 1; i <= adds; i++) print added[i]
  for (i = edge + 1; i <= count; i++) print lines[i]
}`;
