#!/bin/sh
# Serves what is in /data, the container's own disk, on port 8080. Can run again at any time.
set -eu

install -d -m 755 /data/public
[ -e /data/public/value ] || date -u +%FT%TZ >/data/public/value

cat >/etc/systemd/system/store.service <<'UNIT'
[Unit]
Description=What is in /data
After=network.target
RequiresMountsFor=/data

[Service]
ExecStart=/usr/bin/busybox httpd -f -p 8080 -h /data/public
User=www-data
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable --quiet store
systemctl restart store
