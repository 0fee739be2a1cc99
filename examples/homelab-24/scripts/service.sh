#!/bin/sh
# A stand-in for what would install a service: NAME [PORT...]. On each port something answers every
# request with "200 OK" and the name. Replace it by your own, one a service. Can run again at any time.
set -eu
name=${1:?}
shift

install -d -m 755 /usr/local/lib/stand-in
cat >"/usr/local/lib/stand-in/$name" <<ANSWER
#!/bin/sh
# Answers one request; stdin and stdout are the connection.
while IFS= read -r line && [ "\${#line}" -gt 1 ]; do :; done
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n%s\n' '$name'
ANSWER
chmod 755 "/usr/local/lib/stand-in/$name"
[ $# -gt 0 ] || exit 0

{
  printf '[Unit]\nDescription=Stand-in for %s\n\n[Socket]\nAccept=yes\n' "$name"
  printf 'ListenStream=%s\n' "$@"
  printf '\n[Install]\nWantedBy=sockets.target\n'
} >"/etc/systemd/system/$name.socket"

cat >"/etc/systemd/system/$name@.service" <<UNIT
[Unit]
Description=Stand-in for $name, one request
CollectMode=inactive-or-failed

[Service]
ExecStart=-/usr/local/lib/stand-in/$name
StandardInput=socket
StandardError=journal
DynamicUser=yes
RuntimeMaxSec=10
UNIT

systemctl daemon-reload
systemctl enable --quiet "$name.socket"
systemctl restart "$name.socket"
