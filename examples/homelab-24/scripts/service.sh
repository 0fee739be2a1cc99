#!/bin/sh
# A stand-in for what would install a service: NAME PORT. Replace it by your own, one a service.
set -eu
name=${1:?}
port=${2:?}
install -d -m 755 /etc/service
printf 'name=%s\nport=%s\n' "$name" "$port" >/etc/service/description
