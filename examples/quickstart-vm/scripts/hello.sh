#!/bin/sh
# Serves one page on port 8080. Can run again at any time.
set -eu

install -d -m 755 /srv/hello
printf '<!doctype html><title>hello</title><p>%s</p>\n' "${GREETING:?}" >/srv/hello/index.html

cat >/etc/systemd/system/hello.service <<'UNIT'
[Unit]
Description=One page on port 8080
After=network.target

[Service]
ExecStart=/usr/bin/busybox httpd -f -p 8080 -h /srv/hello
User=www-data
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable --quiet hello
systemctl restart hello
