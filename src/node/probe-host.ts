import type { HostPart } from '../model/observed-host.ts';
import { program } from './program.ts';

/** The parts that are asked for, as the probe takes them: words parted by blanks. */
export function hostWords(parts: readonly HostPart[]): string {
  return parts.filter((part) => /^[a-z]+(?::[A-Za-z0-9._+@:/-]+)?$/.test(part)).join(' ');
}

/**
 * Prints the parts of the host that are asked for, as `pve/host/` reads them: `host NAME` and behind it
 * what a program printed or what stands under /proc and /sys. Part of the probe's own shell, run where
 * a part is asked for at all: `$host` holds the words, `$texts` takes files that are printed whole.
 */
export const HOST_SH = program`
indent() { sed "s/^/=$tab/"; }
# Prints what a program prints; nothing where there is no such program.
block() {
  name=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  say host "$name"
  "$@" 2>/dev/null | indent
}
line() {
  IFS=$tab
  printf '%s\n' "=$tab$*"
  unset IFS
}
has_part() { case " $host " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
# The words behind a prefix, in $named.
named_by() {
  named=
  for word in $host; do
    case $word in "$1":*) named="$named \${word#*:}" ;; esac
  done
  [ -n "$named" ]
}
add_texts() {
  for text do
    case $text in *[!A-Za-z0-9._+@:/-]*) continue ;; esac
    case " $texts " in *" $text "*) continue ;; esac
    [ -f "$text" ] && texts="$texts $text"
  done
}

# A file that an earlier part asks for, or the caller, is printed once.
add_texts /var/lib/phoenix/host.json

if has_part system; then
  say host system
  while IFS='=' read -r key value; do
    value=\${value#\"}
    case $key in ID) line distribution "\${value%\"}" ;; VERSION_CODENAME) line suite "\${value%\"}" ;; esac
  done </etc/os-release
  zone=$(readlink /etc/localtime)
  case $zone in */zoneinfo/*) line timezone "\${zone#*/zoneinfo/}" ;; esac
  read -r kernel </proc/sys/kernel/osrelease
  line kernel "$kernel"
  read -r words </proc/cmdline
  line cmdline "$words"
  [ -s /etc/subscription ] && line subscription 1
  [ -s /etc/kernel/proxmox-boot-uuids ] && line boot-tool 1
  for folder in /lib/modules/*; do
    [ -e "$folder/modules.dep" ] || continue
    line installed "\${folder##*/}"
    [ -e "$folder/build/Makefile" ] && line headers "\${folder##*/}"
  done
fi

if has_part repositories; then
  say host repositories
  add_texts /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources
fi
if named_by package; then
  block packages dpkg-query -W -f '\${Package}\t\${Version}\t\${db:Status-Abbrev}\n' $named
fi
if named_by user; then
  say host users
  found=
  while IFS= read -r entry; do
    user=\${entry%%:*}
    case " $named " in *" $user "*) ;; *) continue ;; esac
    line "$entry"
    found="$found $user"
    home=\${entry%:*}
    add_texts "\${home##*:}/.ssh/authorized_keys"
  done </etc/passwd
  # Whose password was never set; nothing else of that file is told.
  say host users-without-password
  protected=
  while IFS=: read -r user password _; do
    case $password in '!' | '!!' | '!*' | '*') ;; *) protected="$protected $user" ;; esac
  done </etc/shadow
  for user in $found; do
    case " $protected " in *" $user "*) ;; *) line "$user" ;; esac
  done
fi
if named_by sysctl; then
  say host sysctl
  for key in $named; do
    path=$key
    while :; do case $path in *.*) path="\${path%%.*}/\${path#*.}" ;; *) break ;; esac; done
    [ -r "/proc/sys/$path" ] || continue
    # A shell reads byte by byte, and these files give nothing after the first read.
    value=$(cat "/proc/sys/$path") || continue
    line "$key" "\${value%%
*}"
  done
fi
if named_by unit; then
  block units systemctl show -p Id,UnitFileState,ActiveState -- $named
fi
if has_part modules; then
  say host modules
  for module in /sys/module/*; do
    [ -e "$module/initstate" ] && line "\${module##*/}"
  done
  read -r kernel </proc/sys/kernel/osrelease
  # What is built into the kernel is there without being loaded.
  if [ -r "/lib/modules/$kernel/modules.builtin" ]; then
    while read -r module; do
      module=\${module##*/}
      line "\${module%.ko}"
    done <"/lib/modules/$kernel/modules.builtin"
  fi
fi

if has_part disks; then
  block lsblk lsblk -P -b -o NAME,PKNAME,TYPE,SIZE,RO,MODEL,SERIAL,FSTYPE,LABEL,PTTYPE,MOUNTPOINTS
  block by-id find /dev/disk/by-id -type l -printf '%p\t%l\n'
  say host wipefs
  for disk in /sys/block/*; do
    [ -e "$disk/device" ] || continue
    for device in "$disk" "$disk"/*; do
      [ "$device" = "$disk" ] || [ -e "$device/partition" ] || continue
      device=\${device##*/}
      # What cannot be read is never taken for blank.
      if found=$(wipefs --no-act --parsable --output DEVICE,OFFSET,TYPE,LABEL "/dev/$device" 2>/dev/null); then
        line read "$device"
        [ -z "$found" ] || printf '%s\n' "$found" | sed "s/^/=\${tab}found\${tab}/"
      else
        line unreadable "$device"
      fi
    done
    for holder in "$disk"/holders/*; do
      [ -e "$holder" ] && line holder "\${disk##*/}" "\${holder##*/}"
    done
  done
fi
if has_part pools; then
  block pools zpool list -H -o name,health
  block pool-status zpool status -P
  block filesystems zfs list -H -o name -t filesystem -d 2
  if [ -r /sys/module/zfs/parameters/zfs_arc_max ]; then
    read -r value </sys/module/zfs/parameters/zfs_arc_max
    say host arc
    line "$value"
  fi
fi
if named_by dataset; then
  block datasets zfs get -H -p -o name,property,value,source all $named
fi

if has_part drivers; then
  say host pci
  for device in /sys/bus/pci/devices/*; do
    [ -r "$device/class" ] || continue
    read -r class <"$device/class"
    read -r vendor <"$device/vendor"
    read -r product <"$device/device"
    line device "\${device##*/}" "\${vendor#0x}:\${product#0x}" "$class"
  done
  for driver in /sys/bus/pci/drivers/*/*:*:*.*; do
    [ -e "$driver" ] || continue
    name=\${driver%/*}
    line driver "\${driver##*/}" "\${name##*/}"
  done
  for device in /sys/kernel/iommu_groups/*/devices/*; do
    [ -e "$device" ] || continue
    group=\${device%/devices/*}
    line group "\${device##*/}" "\${group##*/}"
  done
  for build in /var/lib/dkms/nvidia/*/*/*/module; do
    [ -d "$build" ] || continue
    build=\${build#/var/lib/dkms/nvidia/}
    version=\${build%%/*}
    build=\${build#*/}
    line build "$version" "\${build%%/*}"
  done
  for library in /usr/lib/*/libnvidia-ml.so.*.*; do
    [ -e "$library" ] && line installed "\${library##*.so.}"
  done
fi

if has_part health; then
  say host health
  if [ -e /etc/pve/corosync.conf ]; then
    pvecm status 2>/dev/null | while read -r key value; do [ "$key" = Quorate: ] && line quorate "$value"; done
  fi
  if command -v timedatectl >/dev/null 2>&1; then
    line synchronised "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
  fi
  if command -v pve-firewall >/dev/null 2>&1; then
    pve-firewall status 2>/dev/null | while read -r key value; do [ "$key" = Status: ] && line firewall "$value"; done
  fi
  for lock in /var/lock/qemu-server/lock-*.conf /run/lock/lxc/pve-config-*.lock; do
    [ -e "$lock" ] && line lock "$lock"
  done
fi`;
