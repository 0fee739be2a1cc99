#!/bin/sh
# Builds the root of a Debian machine with real ZFS (zfs-dkms, built for the machine's own kernel) and
# Phoenix in it, as an ext4 image with its kernel and initial ramdisk beside it. Takes root, debootstrap
# and half an hour on a slow machine.
#
# usage: build-machine.sh FOLDER
set -eu
folder=$1
root=$folder/root
mirror=http://deb.debian.org/debian
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
mkdir -p "$folder"

if [ ! -e "$folder/root.done" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase --components=main,contrib \
    --include=systemd-sysv,udev,kmod,ca-certificates,openssh-server,iproute2,ifupdown2,procps,fdisk,e2fsprogs,xfsprogs,lvm2,dbus,tzdata,sudo \
    bookworm "$root" "$mirror"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mount --bind /proc "$root/proc"
  trap 'umount "$root/proc"' EXIT
  chroot "$root" apt-get install -y --no-install-recommends linux-image-amd64 linux-headers-amd64 dkms
  kernel=$(ls "$root/lib/modules")
  chroot "$root" apt-get install -y --no-install-recommends zfs-dkms zfsutils-linux
  chroot "$root" dkms autoinstall -k "$kernel"
  ls "$root/lib/modules/$kernel/updates/dkms/"
  chroot "$root" depmod "$kernel"
  rm -f "$root/usr/sbin/policy-rc.d"
  umount "$root/proc"
  trap - EXIT
  cp "$root/boot/vmlinuz-$kernel" "$folder/vmlinuz"
  cp "$root/boot/initrd.img-$kernel" "$folder/initrd"
  : >"$folder/root.done"
fi

# What runs inside, anew each time.
here=$(CDPATH= cd "$(dirname "$0")" && pwd)
project=$(CDPATH= cd "$here/../../.." && pwd)
mkdir -p "$root/opt/phoenix"
cp -r "$project/bin" "$project/dist" "$project/features" "$project/package.json" "$root/opt/phoenix/"
cp "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
"$project/node_modules/.bin/esbuild" "$here/inside.ts" --bundle --platform=node --format=esm \
  --outfile="$root/opt/phoenix/inside.mjs" --log-level=error \
  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
cat >"$root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
Description=What is tried inside
After=multi-user.target

[Service]
Type=oneshot
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
ExecStart=/usr/local/bin/node /opt/phoenix/inside.mjs
ExecStopPost=/usr/bin/systemctl poweroff --no-block
StandardOutput=file:/dev/ttyS1
StandardError=file:/dev/ttyS1
UNIT
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -sf ../inside.service "$root/etc/systemd/system/default.target.wants/inside.service"
printf 'machine\n' >"$root/etc/hostname"
printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
rm -f "$folder/root.img"
truncate -s 6G "$folder/root.img"
mke2fs -q -F -t ext4 -d "$root" "$folder/root.img"
