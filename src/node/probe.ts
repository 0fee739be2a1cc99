import type { Needs, Scope } from '../model/node.ts';
import type { GuestId } from '../model/target.ts';
import { AGENT_RECORDS_PL, RECORD_SH } from './agent/records.ts';
import { GUESTS_AWK } from './probe-guests.ts';
import { HOST_SH, hostWords } from './probe-host.ts';
import { NETWORK_SH } from './probe-network.ts';
import { MONITORS_AWK, RECORDS_AWK, RECORDS_SH } from './probe-records.ts';
import { program } from './program.ts';
import { TOOL_PROCESSES_SH } from './tool-processes.ts';

/**
 * The command that observes a node in one round trip: a constant POSIX `sh` program, its data as
 * arguments. It prints the text that `pve/observation.ts` documents and starts a handful of
 * processes, besides one `dd` for each running container.
 */
export function probeArgv(scope: Scope, needs: Needs): string[] {
  const guests = scope === 'all' ? 'all' : scope.map(String).toSorted().join(' ');
  const storages = needs.volumesOf.filter(isAskable).join(' ');
  const host = hostWords(needs.host ?? []);
  const hostSh = host === '' ? '' : `${HOST_SH}\n${NETWORK_SH}`;
  const programs = [GUESTS_AWK, MONITORS_AWK, RECORDS_SH, RECORDS_AWK, TOOL_PROCESSES_SH, hostSh];
  const files = (needs.files ?? []).filter(isPlain).map((path) => `text:${path}`);
  const snippets = (needs.snippetsOf ?? []).map((vmid) => `snippets:${vmid}`);
  const records = recordWords(scope, needs.recordsOf ?? []);
  const data = [guests, storages, host, ...files, ...snippets, ...records, ...needs.paths.filter(isAskable)];
  return ['sh', '-c', PROBE_SH, 'phoenix-observe', ...programs, ...data];
}

/** The programs that read VMs' records, and for whom; nothing where nobody asks. */
function recordWords(scope: Scope, asked: readonly GuestId[]): string[] {
  const vmids = scope === 'all' ? asked : asked.filter((vmid) => scope.includes(vmid));
  if (vmids.length === 0) return [];
  const programs = [`records-of:${AGENT_RECORDS_PL}`, `record-by:${RECORD_SH}`];
  return [...programs, ...vmids.map((vmid) => `record:${vmid}`)];
}

/** Proxmox takes no path or id with a control character in it, so nothing of its can stand there. */
function isAskable(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** A file is named in a list with blanks between, where a shell would make more of it. */
function isPlain(path: string): boolean {
  return /^\/[A-Za-z0-9._+@:/-]+$/.test(path);
}

const PROBE_SH = program`
guests_awk=$1 monitors_awk=$2 records_sh=$3 records_awk=$4 tools_sh=$5 host_sh=$6
guests=$7 asked=" $8 " host=$9 texts= snippets= vms=
shift 9
LC_ALL=C
export LC_ALL
tab='	'
say() {
  tag=$1
  shift
  IFS=$tab
  printf '%s\n' "$tag$tab$*"
  unset IFS
}
is_plain() {
  case $1 in '' | *[!A-Za-z0-9._+@:-]*) return 1 ;; esac
}

printf '%s\n' 'phoenix-observation 1'
read -r node </proc/sys/kernel/hostname
node=\${node%%.*}
say node "$node"
if command -v pct >/dev/null 2>&1; then say proxmox 1; else say proxmox 0; fi
while read -r key value unit; do
  [ "$key" = MemTotal: ] || continue
  say memory "$((value / 1024))"
  break
done </proc/meminfo
if [ -r /proc/driver/nvidia/version ]; then
  read -r driver </proc/driver/nvidia/version
  say nvidia "$driver"
fi
for bridge in /sys/class/net/*/bridge; do
  [ -d "$bridge" ] || continue
  bridge=\${bridge%/bridge}
  say bridge "\${bridge##*/}"
done
for device in /dev/dri/* /dev/nvidia* /dev/nvidia-caps/*; do
  [ -c "$device" ] && say gpu "$device"
done

# Files whose texts, and paths whose owners somebody asks about.
while :; do
  case $1 in
  text:*) [ -f "\${1#text:}" ] && texts="$texts \${1#text:}" ;;
  snippets:*) snippets="$snippets \${1#snippets:}" ;;
  records-of:*) records_pl=\${1#records-of:} ;;
  record-by:*) record_sh=\${1#record-by:} ;;
  record:*) vms="$vms \${1#record:}" ;;
  *) break ;;
  esac
  shift
done
for path do
  [ -e "$path" ] || say path missing - - "$path"
done
if [ "$#" -gt 0 ]; then
  stat -L -c "path$tab%F$tab%u$tab%g$tab%n" -- "$@" 2>/dev/null
fi

eval "$host_sh"

# Templates, images to import, and the volumes of storages that somebody asks about.
storage_ends() {
  [ -n "$id" ] || return 0
  case $type in
  dir | btrfs) ;;
  nfs | cifs) path=\${path:-/mnt/pve/$id} ;;
  *) path= ;;
  esac
  case ",$content," in
  *,vztmpl,*)
    if [ -n "$path" ]; then
      for file in "$path"/template/cache/*; do
        is_plain "\${file##*/}" && [ -f "$file" ] && say template "$id:vztmpl/\${file##*/}"
      done
    fi ;;
  esac
  case ",$content," in
  *,import,*)
    if [ -n "$path" ]; then
      for file in "$path"/import/*; do
        is_plain "\${file##*/}" && [ -f "$file" ] && say template "$id:import/\${file##*/}"
      done
    fi ;;
  esac
  case ",$content,$path" in
  *[!A-Za-z0-9._+@:/,-]*) ;;
  *,snippets,*/*)
    for vmid in $snippets; do
      for document in user network meta vendor; do
        file=$path/snippets/phoenix-$vmid-$document.yaml
        [ -f "$file" ] && texts="$texts $file"
      done
    done ;;
  esac
  case $asked in *" $id "*) ;; *) return 0 ;; esac
  case $type in
  zfspool) zfs list -H -o name -t filesystem,volume -r -d 1 "$pool" 2>/dev/null ;;
  lvm | lvmthin) lvs --noheadings -o lv_name "$vgname" 2>/dev/null ;;
  *)
    if [ -n "$path" ]; then
      for file in "$path"/images/[0-9]*/*; do
        [ -e "$file" ] || continue
        name=\${file#"$path"/images/}
        case $type:$name in
        btrfs:*@*) continue ;;
        btrfs:*.*) ;;
        btrfs:*) name=$name.raw ;;
        esac
        printf '%s\n' "$name"
      done
    fi ;;
  esac | while read -r name; do
    case $type in zfspool | lvm | lvmthin) name=\${name##*/} ;; esac
    case $name in
    vm-[0-9]* | base-[0-9]* | subvol-[0-9]* | basevol-[0-9]*) is_plain "$name" ;;
    [0-9]*/*) is_plain "\${name%%/*}" && is_plain "\${name#*/}" ;;
    *) false ;;
    esac && say volume "$id:$name"
  done
}
id= type= path= content= pool= vgname=
if [ -r /etc/pve/storage.cfg ]; then
  while read -r key value || [ -n "$key" ]; do
    case $key in
    '#'*) ;;
    *:) storage_ends; type=\${key%:} id=$value path= content= pool= vgname= ;;
    path) path=$value ;;
    content) content=$value ;;
    pool) pool=$value ;;
    vgname) vgname=$value ;;
    esac
  done </etc/pve/storage.cfg
  storage_ends
fi

if [ -n "$texts" ]; then
  stat -L -c "filetime$tab%Y$tab%n" -- $texts 2>/dev/null
fi

# Files under /etc/pve. A pattern without a match names no file and is passed over.
nodes=/etc/pve/nodes
if [ "$guests" = all ]; then
  set -- $nodes/*/lxc/*.conf $nodes/*/qemu-server/*.conf /etc/pve/firewall/*.fw /etc/pve/priv/phoenix/*.json $texts
else
  containers= machines= rules=/etc/pve/firewall/cluster.fw records=/etc/pve/priv/phoenix/host.json
  for id in $guests; do
    containers="$containers $nodes/*/lxc/$id.conf"
    machines="$machines $nodes/*/qemu-server/$id.conf"
    rules="$rules /etc/pve/firewall/$id.fw"
    records="$records /etc/pve/priv/phoenix/$id.json"
  done
  set -- $containers $machines $rules $records $texts
fi
awk "$guests_awk" "$node" "$@" /etc/pve/storage.cfg || exit 1

# A tool that a killed run left behind may not have made its task yet. Only a journal tells of such.
if [ -s /var/lib/phoenix/journal/current.ndjson ]; then
  sh -c "$tools_sh" | while read -r pid id; do
    say task "UPID:$node:$(printf %08X "$pid"):00000000:00000000:tool:$id:root@pam:"
  done
fi

if [ -d /var/lib/lxc ]; then
  read -r nonce </proc/sys/kernel/random/uuid
  awk "$monitors_awk" /proc/[0-9]* |
    timeout -s KILL 10 sh -c "$records_sh" phoenix-records "$nonce" "$guests" |
    awk "$records_awk" "$nonce" || exit 1
fi

# What was applied in VMs, as their agents tell: all at once, for two seconds at most.
if [ -n "$vms" ]; then
  perl -e "$records_pl" -- /var/run/qemu-server 2 "$record_sh" $vms
fi
printf '%s\n' end`;
