/**
 * Builds a disk image like Debian's own cloud images, with a guest agent in it: `sh -c IMAGE_SCRIPT image
 * SUITE MIRROR WORKFOLDER IMAGE`, with apt settings on stdin. GRUB starts it from the first partition,
 * which grows with the disk; Cloud-Init sets it up at its first boot. In software emulation a processor
 * is a hundredth of a real one: what no guest of a sandbox misses is left out or asleep.
 */
export const IMAGE_SCRIPT = String.raw`
set -eu
suite=$1 mirror=$2 work=$3 image=$4
size=2048
root=$(mktemp -d "$work/image.XXXXXX")
disk=$root.raw
finish() {
  for one in sys proc; do umount "$root/$one" 2>/dev/null || :; done
  rm -rf --one-file-system "$root" "$disk"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP
chmod 755 "$root"
packages=systemd,systemd-sysv,systemd-resolved,dbus,udev,netplan.io,iproute2,iputils-ping,ca-certificates
packages=$packages,procps,sudo,less,wget,busybox
debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" </dev/null

cat >"$root/etc/apt/apt.conf.d/90sandbox"
[ -s "$root/etc/apt/apt.conf.d/90sandbox" ] || rm "$root/etc/apt/apt.conf.d/90sandbox"
cat >"$root/etc/apt/sources.list" <<END
deb $mirror $suite main
deb $mirror $suite-updates main
deb $mirror-security $suite-security main
END
mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/etc/cloud/cloud.cfg.d" "$root/boot/grub"
printf 'MODULES=list\nCOMPRESS=lz4\nRESUME=none\nBUSYBOX=n\n' >"$root/etc/initramfs-tools/conf.d/sandbox"
printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod sr_mod ata_piix ext4 >"$root/etc/initramfs-tools/modules"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
rm -f "$root/etc/resolv.conf"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get update -q </dev/null
chroot "$root" apt-get install -q -y --no-install-recommends initramfs-tools lz4 linux-image-cloud-amd64 \
  grub-pc-bin cloud-init cloud-guest-utils qemu-guest-agent openssh-server e2fsprogs fdisk </dev/null
umount "$root/proc" "$root/sys"

# Package lists stay: to fetch and read them anew is what takes longest of a first boot.
chroot "$root" apt-cache gencaches >/dev/null
rm -f "$root"/var/cache/apt/archives/*.deb "$root"/etc/ssh/ssh_host_* "$root/usr/sbin/policy-rc.d" "$root"/var/log/*.log "$root/etc/hostname" \
  "$root/var/lib/dbus/machine-id" "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
ln -s ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
printf 'LABEL=root / ext4 rw,discard,errors=remount-ro 0 0\n' >"$root/etc/fstab"
cat >"$root/etc/cloud/cloud.cfg.d/90_sandbox.cfg" <<END
datasource_list: [ NoCloud, ConfigDrive, None ]
ssh_genkeytypes: [ ed25519, ecdsa ]
cloud_init_modules: [ seed_random, bootcmd, write-files, growpart, resizefs, disk_setup, mounts, set_hostname,
  update_hostname, update_etc_hosts, ca-certs, users-groups, ssh ]
cloud_config_modules: [ ssh-import-id, set-passwords, apt-configure, ntp, timezone, runcmd ]
cloud_final_modules: [ package-update-upgrade-install, write-files-deferred, scripts-vendor,
  scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, phone-home, final-message,
  power-state-change ]
END
cat >"$root/boot/grub/grub.cfg" <<END
linux /vmlinuz root=LABEL=root ro console=tty0 console=ttyS0,115200 net.ifnames=0 mitigations=off nowatchdog random.trust_cpu=on loglevel=4
initrd /initrd.img
boot
END
# The agent is there before Cloud-Init has finished, so that it can tell how far that is.
mkdir -p "$root/etc/systemd/system/qemu-guest-agent.service.d"
printf '[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\nConflicts=shutdown.target\nBefore=shutdown.target\n' \
  >"$root/etc/systemd/system/qemu-guest-agent.service.d/early.conf"
# No router of a sandbox announces itself; whoever waits for one comes online twelve seconds late.
for nic in eth0 eth1 eth2 eth3; do
  mkdir -p "$root/etc/systemd/network/10-netplan-$nic.network.d"
  printf '[Network]\nIPv6AcceptRA=no\n' >"$root/etc/systemd/network/10-netplan-$nic.network.d/sandbox.conf"
done
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service man-db.timer \
  dpkg-db-backup.timer fstrim.timer getty@tty1.service systemd-fsck-root.service systemd-pstore.service \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount modprobe@efi_pstore.service \
  modprobe@drm.service modprobe@dm_mod.service modprobe@loop.service modprobe@configfs.service \
  modprobe@fuse.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/core.img -p '(hd0,msdos1)/boot/grub' \
  biosdisk part_msdos ext2 normal configfile linux

# The partition begins at 1 MiB; GRUB lies before it, where its boot sector looks by itself.
truncate -s "$size"M "$disk"
mkfs.ext4 -q -L root -m 1 -E offset=1048576 -d "$root" "$disk" $(((size - 1) * 1024))k
dd if="$root/usr/lib/grub/i386-pc/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$root/boot/grub/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
word() {
  for shift in 0 8 16 24; do printf "\\$(printf %03o $(($1 >> shift & 255)))"; done
}
{
  printf 'PHNX\0\0\200\376\377\377\203\376\377\377'
  word 2048
  word $(((size - 1) * 2048))
} | dd of="$disk" bs=1 seek=440 conv=notrunc status=none
printf '\125\252' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
qemu-img convert -q -c -f raw -O qcow2 -o compression_type=zstd "$disk" "$image"
`;
