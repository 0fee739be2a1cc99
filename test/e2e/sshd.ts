import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A real sshd with keys of its own, and an `ssh` that knows them and nothing else. Who comes with the key
 * that `$SSH_TEST_KEY` calls `stranger` is not root there, the `talker` is greeted.
 */
export type Sshd = {
  readonly port: number;
  /** A folder whose `ssh` is to be found first. */
  readonly path: string;
  readonly folder: string;
  /** Ends every connection at once, as a cable that is pulled does; new ones are taken. */
  readonly cut: () => void;
  /** Lets every connection hang, as a host that died does. */
  readonly freeze: () => void;
  readonly close: () => void;
};

/** Starts one on this machine, behind `prefix` where it is to run in other namespaces, and waits until it listens. */
export async function startSshd(prefix: readonly string[] = []): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'phoenix-sshd-'));
  const port = 20_000 + (process.pid % 20_000);
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'user', 'stranger', 'talker']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const drop = 'exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c';
  const ofStranger = `command="${drop} \\"$SSH_ORIGINAL_COMMAND\\"" ${text('stranger.pub')}`;
  const ofTalker = `command="echo Welcome; eval \\"$SSH_ORIGINAL_COMMAND\\"" ${text('talker.pub')}`;
  writeFileSync(join(folder, 'authorized'), `${text('user.pub')}${ofStranger}${ofTalker}`);
  const known = `[127.0.0.1]:${port} ${text('host.pub')}`;
  writeFileSync(join(folder, 'known'), known);
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'AcceptEnv LANG LC_*',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'ssh_config'),
    `IdentitiesOnly yes\nUserKnownHostsFile ${join(folder, 'known')}\nGlobalKnownHostsFile /dev/null\nSendEnv LANG LC_*\n`,
  );
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/ssh'),
    `#!/bin/sh\nexec /usr/bin/ssh -F '${join(folder, 'ssh_config')}' -i '${folder}'/"\${SSH_TEST_KEY:-user}" "$@"\n`,
  );
  chmodSync(join(folder, 'bin/ssh'), 0o755);
  const [file = '', ...args] = [...prefix, '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
  const isOver = new Promise<never>((_, reject) => child.once('exit', () => reject(new Error('sshd ended'))));
  isOver.catch(() => {});
  await Promise.race([untilListening(prefix, port), isOver]);
  return {
    port,
    folder,
    path: join(folder, 'bin'),
    cut: () => {
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    },
    freeze: () => {
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGSTOP');
    },
    close: () => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(prefix: readonly string[], port: number): Promise<void> {
  const [file = '', ...args] = [...prefix, 'perl', '-MIO::Socket::INET', '-e', CONNECT_PL, String(port)];
  for (let tries = 0; tries < 100; tries++) {
    if (spawnSync(file, args).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('sshd does not listen');
}

const CONNECT_PL = 'exit !IO::Socket::INET->new("127.0.0.1:$ARGV[0]")';

/** Processes that serve a connection: sshd's children, and theirs that are sshd too. */
function childrenOf(pid: number): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const all = list.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (parent: number): number[] =>
    all
      .filter(([, ppid, comm]) => Number(ppid) === parent && comm === 'sshd')
      .flatMap(([own]) => [Number(own), ...of(Number(own))]);
  return of(pid);
}
