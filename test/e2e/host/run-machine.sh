#!/bin/sh
# Boots the machine that build-machine.sh made, with two blank disks and one full of somebody's photos,
# and prints what is tried inside, a line a step. Software emulation: some minutes.
#
# usage: run-machine.sh FOLDER >LOG
set -eu
folder=$1
work=$(mktemp -d "$folder/run.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
truncate -s 512M "$work/blank1.img" "$work/blank2.img" "$work/photos.img"
mkdir "$work/photos"
printf 'grandmother, 1931' >"$work/photos/grandmother.jpg"
mke2fs -q -F -t ext4 -L photos -d "$work/photos" "$work/photos.img"
disk() {
  printf 'file=%s,if=none,id=%s,format=raw,cache=unsafe' "$1" "$2"
}
timeout 2400 qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 \
  -nodefaults -no-reboot -display none \
  -kernel "$folder/vmlinuz" -initrd "$folder/initrd" -append 'root=/dev/vda rw console=ttyS0 quiet' \
  -drive "$(disk "$folder/root.img" root),snapshot=on" -device virtio-blk-pci,drive=root \
  -drive "$(disk "$work/blank1.img" one)" -device virtio-blk-pci,drive=one,serial=BLANK1 \
  -drive "$(disk "$work/blank2.img" two)" -device virtio-blk-pci,drive=two,serial=BLANK2 \
  -drive "$(disk "$work/photos.img" photos)" -device virtio-blk-pci,drive=photos,serial=PHOTOS \
  -serial "file:$folder/console.log" -serial "file:$work/result" >&2
cat "$work/result"
