import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A VM of this machine that is nothing but its agent: the real qemu-ga, whose system is this machine's. */
export type RealAgent = {
  readonly vmid: number;
  /** The command before commands that sees a Proxmox node with this VM. */
  readonly enter: readonly string[];
  /** Puts a program in the way of the system's own, in the guest alone. */
  readonly put: (name: string, content: string) => void;
  /** The guest's own /var/lib, as this machine sees it. */
  readonly varLib: string;
  /** Starts the agent anew, with further words of its command line. */
  readonly restart: (...words: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** A stopped one looks as if it ran as that process and had a socket and this on its console. */
  readonly pretend: (pid: number, console: string) => void;
  readonly dispose: () => Promise<void>;
};

const NODE = hostname().split('.')[0] ?? '';

export async function realAgent(vmid: number): Promise<RealAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-qga-'));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put(`etc/pve/nodes/${NODE}/qemu-server/${vmid}.conf`, 'agent: 1\nmemory: 512\nname: vm\n');
  put('etc/pve/storage.cfg', '');
  // An sshd that runs in there looks whether root may log in.
  put('etc/shadow', 'root:*:19000:0:99999:7:::\n');
  put('bin/pct', '');
  for (const name of ['qemu', 'guest', 'state', 'var']) mkdirSync(join(folder, name));
  // This machine's awk is found through the first, its libraries through the second.
  for (const name of ['alternatives', 'ld.so.cache', 'passwd', 'group', 'nsswitch.conf']) {
    if (existsSync(join('/etc', name)))
      cpSync(join('/etc', name), join(folder, 'etc', name), { recursive: true, verbatimSymlinks: true });
  }
  const socket = join(folder, `qemu/${vmid}.qga`);
  let child: ChildProcess | undefined;

  const stop = async (): Promise<void> => {
    if (!child) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    child = undefined;
    rmSync(socket, { force: true });
  };
  const restart = async (...words: readonly string[]): Promise<void> => {
    await stop();
    // What was pretended stands in its place.
    rmSync(socket, { force: true });
    const argv = ['qemu-ga', '-m', 'unix-listen', '-p', socket, '-t', join(folder, 'state'), ...words];
    const mounts = 'mount --bind "$0/guest" /usr/local/bin && mount --bind "$0/var" /var/lib && exec "$@"';
    const mount = ['sh', '-c', mounts, folder];
    child = spawn('unshare', ['-m', ...mount, ...argv], { stdio: ['ignore', 'ignore', 'inherit'] });
    put(`qemu/${vmid}.pid`, `${child.pid}\n`);
    for (let tries = 0; !existsSync(socket); tries++) {
      if (tries > 200) throw new Error('qemu-ga did not start');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await restart();
  mkdirSync('/run/qemu-server', { recursive: true });
  const mounts =
    'mount --bind "$0/etc" /etc && mount --bind "$0/qemu" /run/qemu-server && mount --bind "$0/bin" /usr/local/sbin && exec "$@"';
  return {
    vmid,
    enter: ['unshare', '-m', 'sh', '-c', mounts, folder],
    put: (name, content) => {
      put(`guest/${name}`, content);
      chmodSync(join(folder, 'guest', name), 0o755);
    },
    varLib: join(folder, 'var'),
    restart,
    stop,
    pretend: (pid, console) => {
      put(`qemu/${vmid}.pid`, `${pid}\n`);
      put(`qemu/${vmid}.qga`, '');
      put(`qemu/${vmid}.serial0.log`, console);
    },
    dispose: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
