import { expect, test } from 'vitest';
import { rebootHost } from '../../../src/twin/host-tools/reboot.ts';
import type { World } from '../../../src/twin/index.ts';
import { done, hostWorld, outcomeOf, said, setUp } from './on-host.ts';

const GPU = { address: '0000:01:00.0', id: '10de:2684', deviceClass: '0x030000', iommuGroup: '12' };
const SOUND = { address: '0000:01:00.1', id: '10de:22ba', deviceClass: '0x040300', iommuGroup: '12' };

function withGpu(driver: string): World {
  return hostWorld(({ host }) => {
    host.pciDevices = [{ ...GPU, driver }, { ...SOUND }];
    if (driver === 'nouveau') host.modules.push('nouveau');
    Object.assign(host.available ?? {}, { 'proxmox-default-headers': '2.0' });
  });
}

const WANTED = { nvidia: { version: '580.76.05' } };

test('D-13: a driver that needs a reboot ends setup with 75, nobody reboots, the next run goes on', async () => {
  const world = withGpu('nouveau');
  const first = await setUp(world, WANTED);
  expect(first?.exitCode).toBe(75);
  expect(said(first)).toEqual(['hypervisor/reboot-needed']);
  expect(world.host.boots).toBe(1);
  expect(world.host.ramdisk?.['/etc/modprobe.d/phoenix-nouveau.conf']).toContain('blacklist nouveau');
  expect((await setUp(world, WANTED))?.exitCode).toBe(75);

  rebootHost(world);
  const second = await setUp(world, WANTED);
  expect([second?.exitCode, said(second)]).toEqual([0, []]);
  expect(world.nvidiaVersion).toBe('580.76.05');
  expect(world.host.units['phoenix-nvidia.service']).toEqual({ enabled: true, active: true });
  expect(done(await setUp(world, WANTED))).toEqual([]);
  rebootHost(world);
  expect(done(await setUp(world, WANTED))).toEqual([]);
});

test('D-75: DKMS and the headers of the running kernel are there before the driver is built', async () => {
  const world = withGpu('nouveau');
  await setUp(world, WANTED);
  rebootHost(world);
  const commands = done(await setUp(world, WANTED));
  expect(world.host.headers).toContain(world.host.kernel);
  expect(world.host.packages).toHaveProperty('dkms');
  expect(world.host.nvidiaBuilds).toEqual([`580.76.05 ${world.host.kernel}`]);
  expect(commands.join('\n')).toContain('install-nvidia 580.76.05');
});

test('another version over a loaded one waits for consent, and is in force after a reboot', async () => {
  const world = withGpu('nvidia');
  world.nvidiaVersion = '550.1.2';
  const { kernel } = world.host;
  Object.assign(world.host, {
    nvidiaInstalled: '550.1.2',
    nvidiaBuilds: [`550.1.2 ${kernel}`],
    isGpuInUse: true,
  });
  const without = await setUp(world, WANTED);
  expect(without?.exitCode).toBe(3);
  expect(world.host.nvidiaInstalled).toBe('550.1.2');
  const allowed = await setUp(world, WANTED, { allow: ['restart'] });
  expect(allowed?.exitCode).toBe(75);
  rebootHost(world);
  expect((await setUp(world, WANTED))?.exitCode).toBe(0);
  expect(world.nvidiaVersion).toBe('580.76.05');
});

test('a host without a GPU gets no driver', async () => {
  const result = await setUp(hostWorld(), WANTED);
  expect([result?.exitCode, said(result), done(result)]).toEqual([
    0,
    ['hypervisor/no-gpu'],
    expect.not.arrayContaining([expect.stringContaining('install-nvidia')]),
  ]);
});

test('D-76: devices are bound by the ids that they have, from the next boot on', async () => {
  const world = withGpu('nouveau');
  const wanted = { passthrough: ['0000:01:00'] };
  const first = await setUp(world, wanted);
  expect(first?.exitCode).toBe(75);
  expect(world.files['/etc/modprobe.d/phoenix-vfio.conf']?.text).toContain(
    'options vfio-pci ids=10de:22ba,10de:2684\n',
  );
  expect(world.files['/etc/modprobe.d/phoenix-vfio.conf']?.text).not.toContain('blacklist');
  rebootHost(world);
  const second = await setUp(world, wanted);
  expect([second?.exitCode, done(second)]).toEqual([0, []]);
  expect(world.host.pciDevices.map(({ driver }) => driver)).toEqual(['vfio-pci', 'vfio-pci']);
});

test('a device whose twin stays with the host is not given away', async () => {
  const world = hostWorld(({ host }) => {
    host.pciDevices = [GPU, { ...GPU, address: '0000:02:00.0' }];
  });
  const result = await setUp(world, { passthrough: ['0000:01:00.0'] });
  expect(said(result)).toEqual(['hypervisor/device-id-is-shared']);
  expect(outcomeOf(result).result).toBe('failed');
});
