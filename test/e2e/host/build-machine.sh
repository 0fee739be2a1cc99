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
    --include=systemd-sysv,udev,kmod,ca-certificates,openssh-server,iproute2,ifupdown2,procps,fdisk,e2fsprogs,xfsprogs,lvm2,dbus,tzdata \
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
