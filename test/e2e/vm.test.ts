import { afterAll, beforeAll, expect, test } from 'vitest';
import { inMachine } from './in-machine.ts';
import { type Place, fetchInside, openPlace } from './open-place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace('quickstart-vm');
});
afterAll(() => place.dispose());

/** The very command of the README. */
const quickstart = () => place.program(['npm', 'run', 'quickstart', '--', '--vm']);

/** What a second run must not touch. */
async function state(): Promise<Record<string, string>> {
  return {
    config: await place.must('sh', '-c', 'sha256sum /etc/pve/qemu-server/*.conf'),
    record: await place.must('sh', '-c', 'sha256sum /etc/pve/priv/phoenix/*'),
    documents: await place.must('sh', '-c', 'sha256sum /var/lib/vz/snippets/*'),
    process: await place.must('cat', '/var/run/qemu-server/102.pid'),
    journal: await place.must('ls', '/var/lib/phoenix/journal'),
    guestRecord: await inMachine(place, 102, 'sha256sum', '/var/lib/phoenix/record.json'),
    service: await inMachine(place, 102, 'systemctl', 'show', '-p', 'MainPID', 'hello'),
  };
}

test('brings up a real machine, and the golden template that it is cloned from', async () => {
  const first = await quickstart();
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^✓ 900 debian-golden +changed$/m);
  expect(first.stdout).toMatch(/^✓ 102 hello-vm +changed$/m);

  const golden = await place.must('qm', 'config', '900');
  expect(golden).toMatch(/^template: 1$/m);
  expect(golden).toContain('scsi0: local:900/base-900-disk-0.qcow2');
  expect(await place.must('qm', 'config', '102')).toContain(
    'scsi0: local:900/base-900-disk-0.qcow2/102/vm-102-disk-0.qcow2',
  );
  expect(await place.must('qm', 'status', '102')).toBe('status: running');
}, 1_800_000);

test('it is the machine that the folder describes', async () => {
  expect(await fetchInside(place, 'http://10.99.0.102:8080/')).toContain(
    '<p>Hello from virtual machine 102</p>',
  );
  expect(await inMachine(place, 102, 'hostname')).toBe('hello-vm');
  expect(await inMachine(place, 102, 'ip', '-br', '-4', 'address')).toContain('10.99.0.102/24');
  expect(await inMachine(place, 102, 'systemctl', 'is-active', 'hello')).toBe('active');
  const text = await inMachine(place, 102, 'cat', '/var/lib/phoenix/record.json');
  const record = JSON.parse(text) as Record<string, object>;
  expect(Object.keys(record['scripts'] ?? {})).toEqual(['hello.sh']);
});

test('a second run changes nothing', async () => {
  const before = await state();
  const second = await quickstart();
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect(second.stdout).toMatch(/^= 102 hello-vm +unchanged$/m);
  expect(await state()).toEqual(before);
});
