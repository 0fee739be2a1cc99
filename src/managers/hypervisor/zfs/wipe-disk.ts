import type { Script } from '../../../model/operation.ts';

/**
 * Wipes a disk. Arguments: its path, the kernel's name and the serial that it had when it was agreed
 * on, and what was found on it then. All of it must still be so, and nothing may use it.
 */
export const WIPE_DISK: Script = {
  name: 'wipe-disk',
  content: `#!/bin/sh
set -u
LC_ALL=C
export LC_ALL
path=$1 name=$2 serial=$3 agreed=$4
refuse() {
  printf 'not wiped: %s\\n' "$1" >&2
  exit 3
}
target=$(readlink -f -- "$path") || refuse "$path is gone"
[ "$target" = "/dev/$name" ] || refuse "$path is $target now, it was /dev/$name"
found=$(lsblk -d -n -o SERIAL -- "$target") || refuse "$target cannot be read"
found=\${found%% *}
[ "$found" = "\${serial%% *}" ] || refuse "its serial is $found, agreed on was $serial"

# Nothing may use the disk, a partition of it, or anything made of it.
used=$(lsblk -n -o MOUNTPOINTS -- "$target" | grep -v '^ *$')
[ -z "$used" ] || refuse "it is mounted or swap: $used"
for device in /sys/block/"$name" /sys/block/"$name"/"$name"*; do
  [ -d "$device" ] || continue
  for holder in "$device"/holders/*; do
    [ -e "$holder" ] && refuse "it is in use by \${holder##*/}"
  done
done
if command -v zpool >/dev/null 2>&1; then
  zpool status -LP 2>/dev/null | while read -r member _; do
    case $member in "$target" | "$target"[0-9]* | "$target"p[0-9]*) echo "$member" ;; esac
  done | grep -q . && refuse 'it is in an imported pool'
fi

# Whatever came since is not what somebody agreed to lose.
for device in $(lsblk -n -l -o NAME -- "$target"); do
  case ", $agreed," in
  *", $device "*) ;;
  *) refuse "/dev/$device was not there when it was agreed on" ;;
  esac
  types=$(wipefs --no-act --noheadings --output TYPE "/dev/$device") || refuse "/dev/$device cannot be read"
  for type in $types; do
    case ", $agreed," in
    *", $device signature $type,"* | *", $device pool $type,"*) ;;
    *) refuse "$type on /dev/$device was not there when it was agreed on" ;;
    esac
  done
done

for device in $(lsblk -n -l -o NAME -- "$target" | tac); do
  wipefs --all --quiet "/dev/$device" || refuse "wipefs could not wipe /dev/$device"
done
# The kernel forgets the partitions that are gone.
blockdev --rereadpt "$target" 2>/dev/null || partx -d "$target" 2>/dev/null || :
command -v udevadm >/dev/null 2>&1 && udevadm settle --timeout 10
exit 0
`,
};
