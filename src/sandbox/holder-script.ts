/**
 * Runs as the holder's first process, in new mount, network and UTS namespaces, as
 * `sh -c HOLDER_SCRIPT holder FOLDER MOUNT DISK CACHE NODENAME MOUNTPOINT…`. Everything that the
 * machine has mounted at the mount points is seen through an overlay whose upper layer is on the
 * sandbox's disk, so that nothing written inside reaches the machine. Prints `ready` and stays.
 */
export const HOLDER_SCRIPT = String.raw`
set -eu
folder=$1 stage=$2 disk=$3 cache=$4 name=$5
shift 5
mount -t tmpfs -o mode=755 phoenix "$stage"
mkdir "$stage/disk" "$stage/root" "$stage/cache"
mount -o loop,noatime,discard=async,user_subvol_rm_allowed "$disk" "$stage/disk"
mount --bind "$cache" "$stage/cache"
data=$stage/disk root=$stage/root
mkdir -p "$data/layers" "$data/volumes" "$data/bases" "$data/host" "$data/own"

layer=0
for mountpoint in "$@"; do
  key=$(printf '%s' "$mountpoint" | sha256sum)
  key=$data/layers/${'${key%% *}'}
  # An overlay's work folder can't be taken over from another kernel's crash.
  rm -rf "$key/work"
  mkdir -p "$key/upper" "$key/work"
  [ "$mountpoint" = / ] || [ -d "$root$mountpoint" ] || continue
  (
    cd "$mountpoint"
    mount -t overlay overlay -o "lowerdir=.,upperdir=$key/upper,workdir=$key/work" "$root$mountpoint" ||
      { mount --bind "$mountpoint" "$root$mountpoint" && mount -o remount,bind,ro "$root$mountpoint"; }
  )
done

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
[ ! -d /sys/fs/fuse/connections ] || mount --bind /sys/fs/fuse/connections "$root/sys/fs/fuse/connections" || :

mount -t tmpfs -o mode=755 dev "$root/dev"
for node in /dev/*; do
  case ${'${node##*/}'} in
  pts | shm | mqueue | hugepages | nvidia* | dri | log) ;;
  *) cp -a "$node" "$root/dev/" 2>/dev/null || : ;;
  esac
done
mkdir -p "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount --bind /dev/pts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue" 2>/dev/null || :

mount -t tmpfs -o mode=755 run "$root/run"
mkdir -p "$root/run/lock/lxc" "$root/run/lxc" "$root/run/phoenix-sandbox/disk" "$root/run/phoenix-sandbox/cache"
mount --bind "$data" "$root/run/phoenix-sandbox/disk"
mount --bind "$stage/cache" "$root/run/phoenix-sandbox/cache"

cd "$root"
mkdir -p run/phoenix-sandbox/old
pivot_root . run/phoenix-sandbox/old
cd /
umount -l /run/phoenix-sandbox/old
rmdir /run/phoenix-sandbox/old

for path in /etc/pve /var/lib/vz /var/lib/lxc /var/lib/phoenix /var/log/pve; do
  own=/run/phoenix-sandbox/disk/own$path
  mkdir -p "$own" "$path"
  mount --bind "$own" "$path"
done
hostname "$name"
ip link set lo up
echo ready
exec sleep infinity <&- >&- 2>&-
`;
