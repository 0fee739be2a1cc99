import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The interfaces with which the host begins: a bridge over its only card. */
export const INTERFACES = `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
	address 10.99.0.13/24
	gateway 10.99.0.1
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
# somebody else's
iface eno7 inet manual
	mtu 1400
`;

const PHOENIX = resolve(import.meta.dirname, '../../../bin/phoenix');

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A host in namespaces of its own, with the real ifupdown2, on a cable to somebody outside. */
export type NetworkHost = {
  readonly folder: string;
  /** Runs a program on the host. */
  readonly on: (...argv: readonly string[]) => Ran;
  /** Is the host reached from the other end of the cable? */
  readonly isReached: (address?: string) => boolean;
  /** Runs `phoenix setup network` on the host with this network in its folder. */
  readonly setup: (network: object, ...options: readonly string[]) => Promise<Ran>;
  /** The same from the other end of the cable, over SSH; with a `firewall` that step alone. */
  readonly setupOverSsh: (network: object, firewall?: object) => Promise<Ran>;
  /** The same on the host, without waiting for its end. */
  readonly start: (network: object) => ChildProcess;
  /** How the dead-man switch stands: its first word. */
  readonly state: (name?: 'network' | 'firewall') => string;
  readonly close: () => void;
};

/** Opens a host over a copy of this machine's own files; nothing of this machine's network is touched. */
export async function openHost(): Promise<NetworkHost> {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-host-'));
  for (const name of ['debs', 'host', 'config']) mkdirSync(join(folder, name));
  must(run(['apt-get', 'download', 'ifupdown2', 'iputils-ping', 'libcap2-bin'], join(folder, 'debs')));
  writeFileSync(join(folder, 'interfaces'), INTERFACES);
  const outside = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  const holder = spawn(
    'unshare',
    [...'--mount --net --pid --uts --fork --kill-child sh -c'.split(' '), HOST_SH, 'host', folder],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await readyLine(holder);
  const pid = childOf(holder.pid ?? 0);
  const enter = ['nsenter', '-t', String(pid), ...'-m -n -p -u -r -w --'.split(' ')];
  const beyond = ['nsenter', '-t', String(outside.pid), '-n', '--'];
  const on: NetworkHost['on'] = (...argv) => run([...enter, ...argv]);
  must(run([...beyond, ...`ip link add cable type veth peer name eno1 netns ${pid}`.split(' ')]));
  must(run([...beyond, 'sh', '-c', 'ip address add 10.99.0.1/24 dev cable && ip link set cable up']));
  must(on('ifreload', '-a'));
  const env = prepareSsh(folder);
  must(on('sh', '-c', `mkdir -p /run/sshd && /usr/sbin/sshd -f '${folder}/sshd_config'`));
  const setupOn = (host: string, config: string, network: object, firewall?: object): string[] => {
    writeFileSync(
      join(folder, 'config/phoenix_hypervisor_config.json'),
      JSON.stringify({ network: { confirm_within_seconds: 15, ...network }, firewall }),
    );
    const options = ['--host', host, '--config', config, '--allow', 'interrupts-network'];
    return [process.execPath, PHOENIX, 'setup', firewall ? 'firewall' : 'network', ...options];
  };
  const argv = (network: object, options: readonly string[]): string[] => [
    ...enter,
    ...setupOn('local', '/run/config', network),
    ...options,
  ];
  return {
    folder,
    on,
    isReached: (address = '10.99.0.13') =>
      run([...beyond, join(folder, 'ping'), '-n', '-c', '1', '-W', '2', address]).code === 0,
    setup: (network, ...options) => ended(spawn('env', argv(network, options))),
    setupOverSsh: (network, firewall) => {
      const words = setupOn(`ssh://root@10.99.0.13:${PORT}`, join(folder, 'config'), network, firewall);
      return ended(spawn('env', [...beyond, ...words], { env }));
    },
    start: (network) => spawn('env', argv(network, []), { stdio: 'ignore' }),
    state: (name = 'network') =>
      on('cat', `/var/lib/phoenix/dead-man/${name}/state`).stdout.split(' ')[0] ?? '',
    close: () => {
      holder.kill('SIGKILL');
      outside.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PORT = 2222;

/* Keys, and an `ssh` that knows them and the host and nothing else; gives the environment to find it in. */
function prepareSsh(folder: string): Record<string, string | undefined> {
  for (const name of ['host-key', 'user-key']) {
    must(run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]));
  }
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  writeFileSync(join(folder, 'known'), `[10.99.0.13]:${PORT} ${text('host-key.pub')}`);
  writeFileSync(
    join(folder, 'sshd_config'),
    `Port ${PORT}\nHostKey ${folder}/host-key\nAuthorizedKeysFile ${folder}/user-key.pub\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n`,
  );
  writeFileSync(
    join(folder, 'ssh_config'),
    `IdentityFile ${folder}/user-key\nIdentitiesOnly yes\nUserKnownHostsFile ${folder}/known\nGlobalKnownHostsFile /dev/null\n`,
  );
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${folder}/ssh_config' "$@"\n`, {
    mode: 0o755,
  });
  return { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}` };
}

/* The folder of configuration is seen in the host at /run/config, and ping is copied out for those outside. */
const HOST_SH = `set -e
folder=$1 root=$1/host/root
mount --make-rprivate /
mount -t tmpfs tmpfs "$folder/host"
mkdir "$folder/host/upper" "$folder/host/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/host/upper,workdir=$folder/host/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount --rbind /dev "$root/dev"
mkdir -p "$root/run/network" "$root/run/lock" "$root/run/debs" "$root/run/config"
mount --bind "$folder/config" "$root/run/config"
printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp "$folder"/debs/*.deb "$root/run/debs"
chroot "$root" sh -c 'dpkg -i --force-all --no-triggers /run/debs/*.deb' >&2
cp "$root/bin/ping" "$folder/ping"
rm -rf "$root/var/lib/phoenix"
cp "$folder/interfaces" "$root/etc/network/interfaces"
hostname vm
echo ready
exec chroot "$root" sleep infinity`;

function run(argv: readonly string[], cwd?: string): Ran {
  const [file = '', ...args] = argv;
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', ...(cwd && { cwd }) });
  return { code: status, stdout, stderr };
}

function must({ code, stdout, stderr }: Ran): void {
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

function readyLine(holder: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    holder.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    holder.stdout?.on('data', () => done());
    holder.on('exit', () => fail(new Error(`the host did not come up: ${said}`)));
  });
}

function ended(child: ChildProcess): Promise<Ran> {
  return new Promise((done) => {
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Waits until something is so; fails after `seconds`. */
export async function until(isSo: () => boolean, seconds: number): Promise<void> {
  for (let left = seconds * 5; left > 0; left -= 1) {
    if (isSo()) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`it did not come about in ${seconds} s: ${isSo.toString()}`);
}

/** Names of the host's processes that watch over a switch. */
export function watchers({ on }: NetworkHost): readonly string[] {
  return on('pgrep', '-f', 'dead-man/switch watch').stdout.split('\n').filter(Boolean);
}
