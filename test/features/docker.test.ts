import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ran, runScript } from './run-script.ts';

let programs: string;

beforeEach(() => {
  programs = mkdtempSync(path.join(tmpdir(), 'phoenix-docker-'));
});

afterEach(() => rmSync(programs, { recursive: true, force: true }));

function program(name: string, text: string): void {
  writeFileSync(path.join(programs, name), `#!/bin/sh\n${text}\n`);
  chmodSync(path.join(programs, name), 0o755);
}

type Guest = {
  readonly installed?: string;
  readonly unshare?: string;
  readonly dockerRun?: string;
  readonly driver?: string;
};

/** A guest with Docker installed and running, in which nothing but the given thing goes wrong. */
function guest({ installed = 'docker.io', unshare, dockerRun, driver = 'overlay2' }: Guest): void {
  mkdirSync(programs, { recursive: true });
  const messages = path.join(programs, 'message.txt');
  writeFileSync(messages, unshare ?? dockerRun ?? '');
  const failing = `cat '${messages}' >&2; exit 125`;
  program(
    'dpkg-query',
    `for last; do :; done; case " ${installed} iptables ca-certificates " in *" $last "*) echo 'ii ';; *) exit 1;; esac`,
  );
  program('dpkg', 'exit 0');
  program('apt-get', `echo "apt-get $*" >>'${path.join(programs, 'apt.log')}'`);
  program('systemd-detect-virt', 'exit 0');
  program('unshare', unshare ? failing : 'exit 0');
  program('systemctl', 'exit 0');
  program(
    'docker',
    `case $1 in info) echo ${driver};; import) cat >/dev/null; echo "$*" >>'${path.join(programs, 'docker.log')}';; image) echo "$*" >>'${path.join(programs, 'docker.log')}';; run) ${dockerRun ? failing : 'exit 0'};; esac`,
  );
}

function run(part: string, options: Record<string, string> = {}): Ran {
  return runScript(`docker/${part}`, { programs, env: options });
}

describe('what Docker says when it cannot run a container, and what helps', () => {
  const started =
    'docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
  test.each<[Guest, string]>([
    [{ unshare: 'mount: /tmp/tmp.x: permission denied.\n' }, '"pct_options": ["nesting=1", "keyctl=1"]'],
    [
      {
        dockerRun: `${started}error during container init: error mounting "proc" to rootfs at "/proc": mount proc:/proc (via /proc/self/fd/6), flags: 0xe: permission denied: unknown.\n`,
      },
      'needs nesting',
    ],
    [
      {
        dockerRun:
          'docker: Error response from daemon: OCI runtime create failed: container_linux.go:348: starting container process caused "process_linux.go:402: container init caused \\"could not create session key: operation not permitted\\"": unknown.\n',
      },
      'only with keyctl',
    ],
    [
      {
        dockerRun: `${started}error during container init: unable to join session keyring: unable to create session key: disk quota exceeded: unknown.\n`,
      },
      'only with keyctl',
    ],
    [
      {
        dockerRun: `${started}error during container init: open sysctl net.ipv4.ip_unprivileged_port_start file: reopen fd 8: permission denied: unknown\n`,
      },
      '--only-upgrade lxc-pve',
    ],
    [
      {
        dockerRun: `${started}error during container init: unable to apply apparmor profile: apparmor failed to apply profile: write /proc/self/attr/apparmor/exec: no such file or directory: unknown.\n`,
      },
      'apt-get install apparmor',
    ],
    [
      {
        dockerRun:
          "docker: Error response from daemon: using mount program fuse-overlayfs: unknown argument ignored: lazytime\nfuse: device not found, try 'modprobe fuse' first\n",
      },
      '"fuse=1"',
    ],
    [
      {
        dockerRun:
          'docker: Error response from daemon: driver failed programming external connectivity: iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.\n',
      },
      'modprobe -a ip_tables',
    ],
    [{ dockerRun: 'docker: something new\n' }, 'no problem that the feature knows'],
  ])('%j', (given, remedy) => {
    guest(given);
    const ran = run('install');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain((given.unshare ?? given.dockerRun ?? '').trim());
    expect(ran.stderr).toContain(remedy);
  });
});

test('an installation that works is only tried', () => {
  guest({});
  expect(run('install')).toEqual({ code: 0, stdout: 'Docker runs containers.\n', stderr: '' });
  expect(() => readFileSync(path.join(programs, 'apt.log'))).toThrow('ENOENT');
});

test('check leaves no image behind', () => {
  guest({});
  expect(run('check')).toEqual({ code: 0, stdout: '', stderr: '' });
  const [imported, removed] = readFileSync(path.join(programs, 'docker.log'), 'utf8').trim().split('\n');
  expect(removed).toBe(`image rm --force ${imported?.replace('import - ', '')}`);
});

test.each<[string, Guest, Record<string, string>, string]>([
  ['another source', { installed: 'docker-ce' }, {}, 'docker.io is not installed'],
  [
    'another driver',
    {},
    { PHOENIX_OPTION_STORAGE_DRIVER: 'vfs' },
    'The storage driver is overlay2 and not vfs',
  ],
  ['a container that does not run', { dockerRun: 'no\n' }, {}, 'cannot run a container: no'],
])('check fails for %s', (_, given, options, said) => {
  guest(given);
  expect(run('check', options)).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
});

test('check takes overlayfs for overlay2', () => {
  guest({ driver: 'overlayfs' });
  expect(run('check', { PHOENIX_OPTION_STORAGE_DRIVER: 'overlay2' }).code).toBe(0);
});

test('install refuses to change the source over', () => {
  guest({ installed: 'docker-ce' });
  const ran = run('install');
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('docker-ce is installed') });
});
