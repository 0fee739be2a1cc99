import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshWorld, type World } from '../../src/twin/world.ts';
import { convergeOn, loaded } from './on-twin.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');

function worldOf(name: string): World {
  const text = readFileSync(path.join(EXAMPLES, name, 'world.json'), 'utf8');
  return { ...freshWorld(), ...(JSON.parse(text) as Partial<World>) };
}

describe.each(['quickstart', 'quickstart-vm', 'golden', 'machines', 'homelab-24'])('the example %s on a twin', (name) => {
  test('converges, and a second run does nothing', async () => {
    const folder = await loaded(path.join(EXAMPLES, name));
    const world = worldOf(name);
    const first = await convergeOn(world, folder);
    const odd = first.targets.filter(({ result }) => result !== 'changed');
    expect(odd.map(({ target, result, diagnostics }) => ({ target, result, diagnostics }))).toEqual([]);
    expect(first.exitCode).toBe(0);
    const second = await convergeOn(world, folder);
    expect(second.targets.flatMap(({ operations, changes }) => [...operations, ...changes])).toEqual([]);
    expect(second.exitCode).toBe(0);
  });
});

test.each([
  ['golden', 'lxc/900 lxc/911 lxc/912', [undefined, 'order=2', 'order=1']],
  [
    'machines',
    'qemu-server/9000 qemu-server/151 lxc/153 qemu-server/152',
    [undefined, 'order=1', 'order=2', 'order=3'],
  ],
])('what the guests of %s need starts first when the node boots', async (name, guests, orders) => {
  const world = worldOf(name);
  await convergeOn(world, await loaded(path.join(EXAMPLES, name)));
  const startup = (guest: string) =>
    /^startup: (.*)$/m.exec(world.files[`/etc/pve/nodes/pve/${guest}.conf`]?.text ?? '')?.[1];
  expect(guests.split(' ').map(startup)).toEqual(orders);
});

test('the machines are what the example says, key by key', async () => {
  const world = worldOf('machines');
  await convergeOn(world, await loaded(path.join(EXAMPLES, 'machines')));
  const config = (vmid: number) => world.files[`/etc/pve/nodes/pve/qemu-server/${vmid}.conf`]?.text ?? '';
  expect(config(9000)).toMatch(/^template: 1$/m);
  expect(config(9000)).toMatch(/^ostype: l26$/m);
  for (const [vmid, name, size] of [
    [151, 'db', '4G'],
    [152, 'web', '5G'],
  ] as const) {
    expect(config(vmid)).toMatch(new RegExp(`^name: ${name}$`, 'm'));
    expect(config(vmid)).toMatch(new RegExp(`^scsi0: local:9000/base-9000-disk-0.qcow2/.*size=${size}`, 'm'));
    expect(config(vmid)).toMatch(/^net0: virtio=[0-9A-F:]{17},bridge=vmbr0$/m);
    expect(config(vmid)).toMatch(/^agent: 1$/m);
  }
  expect(config(151)).toMatch(/^scsi1: local:.*size=1G/m);
  const userData = world.files['/var/lib/vz/snippets/phoenix-152-user.yaml']?.text ?? '';
  expect(userData).toContain('web.machines.example');
  expect(userData).toContain('web is set up after $UPTIME seconds');
  expect(userData).toContain('api = http://10.99.0.153:8080/');
  expect(world.files['/var/lib/vz/snippets/phoenix-151-network.yaml']?.text).toContain('10.99.0.151/24');
});
