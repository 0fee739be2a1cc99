import type { Script } from '../../../model/operation.ts';

/** Downloads NVIDIA's installer and runs it. Arguments: the version and the address. */
export const INSTALL_NVIDIA: Script = {
  name: 'install-nvidia',
  content: `#!/bin/sh
set -u
version=$1 address=$2
folder=$(mktemp -d /var/tmp/phoenix-nvidia.XXXXXX) || exit 1
trap 'rm -rf -- "$folder"' EXIT
if command -v curl >/dev/null 2>&1; then
  curl -fsSL --retry 3 -o "$folder/installer.run" -- "$address" || exit 1
else
  wget -q -O "$folder/installer.run" -- "$address" || exit 1
fi
# The archive carries its own checksum: a download that was cut short is noticed here.
sh "$folder/installer.run" --check >/dev/null || { echo 'the download is damaged' >&2; exit 1; }
found=$(sh "$folder/installer.run" --version 2>/dev/null | sed -n 's/.*version \\([0-9.]*[0-9]\\).*/\\1/p' | head -n 1)
case $found in '' | "$version") ;; *) echo "the installer is of version $found, not $version" >&2; exit 1 ;; esac
systemctl stop nvidia-persistenced 2>/dev/null || :
for module in nvidia_drm nvidia_modeset nvidia_uvm nvidia; do
  [ -d "/sys/module/$module" ] || continue
  rmmod "$module" 2>/dev/null || running=--allow-installation-with-running-driver
done
exec sh "$folder/installer.run" --silent --ui=none --no-questions --dkms --no-x-check --no-opengl-files \${running:-}
`,
};
