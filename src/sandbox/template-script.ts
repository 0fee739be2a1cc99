/**
 * Builds a template's archive like Proxmox's own ones: `sh -c TEMPLATE_SCRIPT template DISTRIBUTION
 * SUITE MIRROR WORKFOLDER ARCHIVE NAME`, with apt settings on stdin. Units that fail or wait in a
 * container are masked; it has no machine id and no SSH host keys.
 */
export const TEMPLATE_SCRIPT = String.raw`
set -eu
distribution=$1 suite=$2 mirror=$3 work=$4 archive=$5 name=$6
root=$(mktemp -d "$work/template.XXXXXX")
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 143' TERM INT HUP
chmod 755 "$root"
packages=systemd,systemd-sysv,dbus,ifupdown,iproute2,iputils-ping,isc-dhcp-client,netbase
packages=$packages,ca-certificates,openssh-server,procps,wget,less,nano
keyring= script=
case $distribution in
ubuntu)
  keyring=--keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
  [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/gutsy
  components=main,universe
  ;;
*)
  [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/sid
  components=main,contrib
  ;;
esac
debootstrap --variant=minbase --components="$components" --include="$packages" $keyring \
  "$suite" "$root" "$mirror" $script </dev/null

cat >"$root/etc/apt/apt.conf.d/90sandbox"
[ -s "$root/etc/apt/apt.conf.d/90sandbox" ] || rm "$root/etc/apt/apt.conf.d/90sandbox"
case $distribution in
ubuntu)
  cat >"$root/etc/apt/sources.list" <<END
deb $mirror $suite main universe
deb $mirror $suite-updates main universe
deb $mirror $suite-security main universe
END
  ;;
*)
  cat >"$root/etc/apt/sources.list" <<END
deb $mirror $suite main contrib
deb $mirror $suite-updates main contrib
deb $mirror-security $suite-security main contrib
END
  ;;
esac
rm -f "$root"/etc/ssh/ssh_host_* "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_* \
  "$root/etc/resolv.conf" "$root/etc/hostname" "$root/var/log/bootstrap.log"
: >"$root/etc/machine-id"
printf 'auto lo\niface lo inet loopback\n' >"$root/etc/network/interfaces"
for unit in sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount \
  ifupdown-pre.service ifupdown-wait-online.service e2scrub_reap.service systemd-udevd.service \
  systemd-networkd-wait-online.service systemd-modules-load.service modprobe@drm.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
case $name in
*.gz) compress='gzip -3' ;;
*.xz) compress='xz -1 -T0' ;;
*) compress='zstd -q -3 -T0' ;;
esac
tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' --one-file-system -I "$compress" -cf "$archive" .
`;
