/**
 * Puts an image at `$1`: downloads `$2` to a name of its own beside it, checks it against the SHA-256
 * `$3`, or against the list of checksums at `$4` (SHA-256 or SHA-512, by the file's name), and renames
 * it. An image that is there is left as it is. Says what it does; a list that has no checksum of the
 * image is a warning.
 */
export const DOWNLOAD_IMAGE = `#!/bin/sh
set -eu
place=$1 url=$2 sha256=$3 list=$4
file=\${place##*/}
folder=\${place%/*}
if [ -f "$place" ]; then
  exit 0
fi
mkdir -p "$folder"
# What an earlier download left behind is of no use to anybody.
rm -f "$folder/.phoenix-$file".*
part=$(mktemp "$folder/.phoenix-$file.XXXXXX")
job= ticker=
cleanup() {
  for child in $job $ticker; do kill "$child" 2>/dev/null || true; done
  rm -f "$part" "$part.list"
}
trap cleanup EXIT
trap 'exit 143' HUP INT TERM

fetch() {
  if command -v curl >/dev/null 2>&1; then
    exec curl --fail --silent --show-error --location --retry 3 --output "$2" -- "$1"
  fi
  exec wget --quiet --tries=4 --output-document="$2" -- "$1"
}

printf 'Downloading %s\\n' "$url"
fetch "$url" "$part" &
job=$!
while sleep 5 >/dev/null 2>&1; do
  printf '%s MiB so far\\n' "$(($(stat -c %s "$part") / 1048576))"
done &
ticker=$!
code=0
wait "$job" || code=$?
kill "$ticker" 2>/dev/null || true
job= ticker=
if [ "$code" -ne 0 ]; then
  printf '%s could not be downloaded (exit code %s)\\n' "$url" "$code" >&2
  exit 1
fi

tool=sha256sum sum=$sha256
if [ -z "$sum" ] && [ -n "$list" ]; then
  if (fetch "$list" "$part.list"); then
    name=\${url##*/}
    name=\${name%%[?#]*}
    while read -r digest listed _ || [ -n "$digest" ]; do
      listed=\${listed#\\*}
      listed=\${listed#./}
      [ "$listed" = "$name" ] || [ "$listed" = "$file" ] || continue
      case \${#digest} in
      64) tool=sha256sum sum=$digest ;;
      128) tool=sha512sum sum=$digest ;;
      esac
    done <"$part.list"
    [ -n "$sum" ] || printf 'warning: %s has no checksum of %s, so it is not checked\\n' "$list" "$name" >&2
  else
    printf 'warning: %s could not be downloaded, so the image is not checked\\n' "$list" >&2
  fi
fi
if [ -n "$sum" ]; then
  printf 'Checking its checksum\\n'
  found=$("$tool" <"$part")
  found=\${found%% *}
  if [ "$found" != "$(printf '%s' "$sum" | tr A-F a-f)" ]; then
    printf '%s is not what it should be: its checksum is %s and must be %s\\n' "$url" "$found" "$sum" >&2
    exit 1
  fi
fi
case $file in
*.qcow2)
  if command -v qemu-img >/dev/null 2>&1 && ! qemu-img info -f qcow2 "$part" >/dev/null; then
    printf '%s is no qcow2 image\\n' "$url" >&2
    exit 1
  fi
  ;;
esac
chmod 0644 "$part"
mv "$part" "$place"
printf '%s is there\\n' "$place"
`;
