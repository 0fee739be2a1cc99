#!/bin/sh
# Serves /srv/site, a directory of the node, on port 8080. Can run again at any time.
set -eu

# The store is a dependency, so it is up before this container starts.
value=$(busybox wget -q -O - "${STORE:?}/value")

printf '<!doctype html><title>site</title><p>The site of %s.</p>\n' "$value" >/srv/site/index.html

cat >/etc/systemd/system/web.service <<'UNIT'
[Unit]
Description=The site
After=network.target

[Service]
ExecStart=/usr/bin/busybox httpd -f -p 8080 -h /srv/site
User=www-data
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable --quiet web
systemctl restart web
