import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHost, type NetworkHost } from './open-host.ts';

const CLUSTER = '/etc/pve/firewall/cluster.fw';
const FOREIGN = '[RULES]\n\nIN ACCEPT -p tcp -dport 443 # theirs\n\n';

/**
 * A `pve-firewall` that reads the datacenter's file as Proxmox's does, as far as this test goes: where the
 * text "locks out" is in it, new connections to SSH are dropped and those that are open live on.
 */
const PVE_FIREWALL = `#!/bin/sh
echo "$1" >>/run/pve-firewall.calls
case $1 in
compile) echo 'some warning' >&2 ;;
restart)
  nft delete table inet lockout 2>/dev/null
  if grep -q 'locks out' /etc/pve/firewall/cluster.fw; then
    nft 'add table inet lockout; add chain inet lockout input { type filter hook input priority 0; }' &&
      nft 'add rule inet lockout input tcp dport 2222 tcp flags & (syn | ack) == syn drop'
  fi
  echo 2 >/run/pve-firewall.pending ;;
status)
  read -r left </run/pve-firewall.pending
  echo $((left - 1)) >/run/pve-firewall.pending
  if [ "$left" -gt 0 ]; then echo 'Status: enabled/running (pending changes)'; else echo 'Status: enabled/running'; fi ;;
esac
`;

let host: NetworkHost;
beforeAll(async () => {
  host = await openHost();
  const put = (path: string, text: string): void => {
    const { code, stderr } = host.on(
      'sh',
      '-c',
      `mkdir -p "\${1%/*}" && printf %s "$2" >"$1" && chmod 755 "$1"`,
      'put',
      path,
      text,
    );
    expect(code, stderr).toBe(0);
  };
  put('/usr/sbin/pve-firewall', PVE_FIREWALL);
  put('/usr/sbin/pct', '#!/bin/sh\n');
  put('/etc/pve/nodes/vm/lxc/.keep', '');
  put(CLUSTER, FOREIGN);
});
afterAll(() => host.close());

const cluster = (): string => host.on('cat', CLUSTER).stdout;
const rule = { type: 'in', action: 'ACCEPT', proto: 'tcp', port: '2222' };

test('rules are written whole, loaded, and kept by a fresh connection', async () => {
  const { code, stdout, stderr } = await host.setupOverSsh({}, { rules: [rule], host: { rules: [rule] } });
  expect([code, host.state('firewall')], `${stdout}${stderr}`).toEqual([0, 'kept']);
  expect(cluster()).toBe(FOREIGN.replace('# theirs\n', '# theirs\nIN ACCEPT -p tcp -dport 2222\n'));
  expect(host.on('cat', '/etc/pve/nodes/vm/host.fw').stdout).toBe(
    '[RULES]\n\nIN ACCEPT -p tcp -dport 2222\n\n',
  );
  const calls = host.on('cat', '/run/pve-firewall.calls').stdout.split('\n');
  expect(calls.slice(0, 3)).toEqual(['compile', 'restart', 'status']);
  expect(calls).not.toContain('stop');
  const again = await host.setupOverSsh({}, { rules: [rule], host: { rules: [rule] } });
  expect([again.code, again.stdout.includes('unchanged')]).toEqual([0, true]);
});

test('rules that only the connection in use survives are taken back: it is not what confirms them', async () => {
  const before = cluster();
  const lockout = { ...rule, port: '8000', comment: 'locks out' };
  const { code, stdout, stderr } = await host.setupOverSsh(
    {},
    { rules: [rule, lockout], host: { rules: [rule] } },
  );
  expect([code, host.state('firewall'), cluster()], `${stdout}${stderr}`).toEqual([1, 'restored', before]);
  expect(`${stdout}${stderr}`.replaceAll(/[│\s]+/g, ' ')).toContain('The node could not be reached again');
  const again = await host.setupOverSsh({}, { rules: [rule], host: { rules: [rule] } });
  expect([again.code, again.stdout.includes('unchanged')]).toEqual([0, true]);
});
