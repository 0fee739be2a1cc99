import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../../src/sandbox/command.ts';
import { operationsOf, planOf, resultsOf } from '../events.ts';
import { editMachines, inMachine } from '../in-machine.ts';
import { type Place, fetchInside, openPlace } from '../open-place.ts';

let place: Place;
let key: string;
beforeAll(async () => {
  place = await openPlace('machines');
  key = join(place.folder, 'key');
  await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).trim();
  await editMachines(place, (machines) => {
    for (const vmid of [151, 152]) {
      const { users } = machines.get(vmid)!['cloud_init'] as { users: { ssh_keys: string[] }[] };
      users[0]!.ssh_keys = [publicKey];
    }
  });
});
afterAll(() => place.dispose());

const ALL = { 9000: 'unchanged', 151: 'unchanged', 152: 'unchanged', 153: 'unchanged' };

const config = (vmid: number) => place.must('cat', `/etc/pve/qemu-server/${vmid}.conf`);

const converge = (...options: readonly string[]) => place.phoenix(['converge', 'all', '--json', ...options]);

async function expectNothingLeftToDo(): Promise<void> {
  const again = await converge();
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(operationsOf(again.stdout)).toEqual([]);
  expect(resultsOf(again.stdout)).toEqual(ALL);
}

/** What would change, as `target attribute effect`. */
async function planned(): Promise<string[]> {
  const { code, stdout, stderr } = await place.phoenix(['plan', '--json']);
  expect(code, stderr).toBe(0);
  const changes = planOf(stdout).flatMap((target) => target.changes);
  return changes.map(({ target, attribute, effect }) => `${target} ${attribute} ${effect}`).toSorted();
}

/** Runs a command by ssh as the user that the folder describes. */
async function ssh(address: string, ...command: readonly string[]): Promise<string> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'LogLevel=ERROR'];
  const words = options.flatMap((option) => ['-o', option]);
  return await mustRun([...(await place.enter()), 'ssh', '-i', key, ...words, `admin@${address}`, ...command]);
} // prettier-ignore

test('a golden template, two linked clones and a container between them converge', async () => {
  const run = await converge();
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await config(9000)).toMatch(/^template: 1$/m);
  for (const vmid of [151, 152]) expect(await config(vmid)).toContain('base-9000-disk-0.qcow2/');
  await expectNothingLeftToDo();
}, 3_600_000);

test('each is what the folder says of it', async () => {
  for (const [vmid, name] of [[151, 'db'], [152, 'web']] as const) {
    const address = `10.99.0.${vmid}`;
    expect(await fetchInside(place, `http://${address}:8080/`)).toContain(`This is ${name}.`);
    expect((await ssh(address, 'hostname; id -un; sudo -n id -un')).split('\n')).toEqual([name, 'admin', 'root', '']);
  }
  expect(await inMachine(place, 151, 'cat', '/etc/issue.net')).toBe(
    (await readFile(join(place.config, 'files/issue.net'), 'utf8')).replace(/\n$/, ''),
  );
  expect(await inMachine(place, 151, 'dpkg-query', '-W', '-f', '${Status}', 'tree')).toBe('install ok installed');
  expect(await inMachine(place, 152, 'stat', '-c', '%a', '/etc/web.conf')).toBe('640');
  const ids = await Promise.all([151, 152].map((vmid) => inMachine(place, vmid, 'cat', '/etc/machine-id')));
  expect(new Set(ids).size).toBe(2);
}); // prettier-ignore

test('notes change live, memory waits for a restart', async () => {
  await editMachines(place, (machines) => {
    Object.assign(machines.get(151)!, { notes: 'The database.', memory_mb: 640 });
  });
  expect(await planned()).toEqual(expect.arrayContaining(['151 description live', '151 memory restart']));
  const pid = await place.must('cat', '/var/run/qemu-server/151.pid');
  const run = await converge();
  expect(run.code, run.stdout + run.stderr).toBe(3);
  expect(await config(151)).toContain('#The database.');
  expect(await config(151)).toMatch(/\[PENDING\]\nmemory: 640/);
  expect(await place.must('cat', '/var/run/qemu-server/151.pid')).toBe(pid);
});

test('another DNS server is there after a restart that was allowed, which is no first boot', async () => {
  const first = await inMachine(place, 151, 'cat', '/etc/ssh/ssh_host_ed25519_key.pub');
  await editMachines(place, (machines) => {
    Object.assign(machines.get(151)!['network_config'] as object, { nameservers: '10.99.0.1 9.9.9.9' });
  });
  const run = await converge('--allow', 'restart');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await inMachine(place, 151, 'cat', '/run/systemd/resolve/resolv.conf')).toContain('9.9.9.9');
  expect(await inMachine(place, 151, 'cat', '/etc/ssh/ssh_host_ed25519_key.pub')).toBe(first);
  expect(await config(151)).toMatch(/^memory: 640$/m);
  await expectNothingLeftToDo();
}, 1_800_000);

test('a disk grows while its machine runs, and the filesystem in it', async () => {
  const bytes = async () =>
    Number(await inMachine(place, 152, 'sh', '-c', 'df -B1 --output=size / | tail -n 1 | tr -d " "'));
  expect(await bytes()).toBeGreaterThan(4.5 * 1024 ** 3);
  await editMachines(place, (machines) => {
    Object.assign(machines.get(152)!, { disk_size_gb: 6 });
  });
  const pid = await place.must('cat', '/var/run/qemu-server/152.pid');
  const run = await converge();
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await config(152)).toMatch(/^scsi0: .*size=6G/m);
  expect(await bytes()).toBeGreaterThan(5.5 * 1024 ** 3);
  expect(await place.must('cat', '/var/run/qemu-server/152.pid')).toBe(pid);
  await expectNothingLeftToDo();
}, 1_800_000);
