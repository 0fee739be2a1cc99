import type { Script } from '../../../model/operation.ts';

/**
 * Makes a pool. Arguments: its name, then what `zpool create` is told of its disks. Right before it,
 * each disk is looked into once more: it must carry nothing at all.
 */
export const CREATE_POOL: Script = {
  name: 'create-pool',
  content: `#!/bin/sh
set -u
LC_ALL=C
export LC_ALL
pool=$1
shift
refuse() {
  printf 'no pool was made: %s\\n' "$1" >&2
  exit 3
}
for word do
  case $word in /dev/*) ;; *) continue ;; esac
  target=$(readlink -f -- "$word") || refuse "$word is gone"
  [ -b "$target" ] || refuse "$word is no disk"
  name=\${target##*/}
  found=$(wipefs --no-act --noheadings --output TYPE "$target") || refuse "$target cannot be read"
  [ -z "$found" ] || refuse "$word carries $found"
  family=$(lsblk -n -l -o NAME -- "$target") || refuse "$target cannot be read"
  [ "$family" = "$name" ] || refuse "$word has partitions or is in use: $family"
  used=$(lsblk -n -o MOUNTPOINTS -- "$target" | grep -v '^ *$')
  [ -z "$used" ] || refuse "$word is mounted or swap: $used"
  for holder in /sys/block/"$name"/holders/*; do
    [ -e "$holder" ] && refuse "$word is in use by \${holder##*/}"
  done
done
zpool create -o ashift=12 -- "$pool" "$@" && exit 0
code=$?
zpool list -H -o name "$pool" >/dev/null 2>&1 && exit "$code"
# What it left behind on disks that carried nothing a moment ago is its own.
for word do
  case $word in /dev/*) ;; *) continue ;; esac
  target=$(readlink -f -- "$word") || continue
  for device in $(lsblk -n -l -o NAME -- "$target" | tac); do
    wipefs --all --quiet --types gpt,PMBR,zfs_member "/dev/$device" >&2
  done
  blockdev --rereadpt "$target" 2>/dev/null || :
done
exit "$code"
`,
};
