import { expect, test } from 'vitest';
import { validateInputs } from '../../../src/managers/vm/validate-inputs.ts';
import type { DesiredVm } from '../../../src/model/desired.ts';
import { mappingsOn } from '../../../src/pve/qemu/pci-mappings.ts';
import { machine } from '../../desired-vm.ts';
import { feature } from '../../guest/given.ts';
import { codes, OURS } from '../given.ts';
import { askVm, vm } from './ask-vm.ts';

/** /etc/pve/mapping/pci.cfg as Proxmox writes it. */
const MAPPINGS = `gpu
\tdescription the big one
\tmap id=10de:2684,iommugroup=15,node=vm,path=0000:01:00
\tmap id=10de:2684,iommugroup=2,node=other,path=0000:41:00

nic
\tmap id=8086:1572,node=other,path=0000:02:00.0
\tmdev 0

`;

test('the mappings that lead to a device of a node', () => {
  expect([...mappingsOn('vm', MAPPINGS)]).toEqual(['gpu']);
  expect([...mappingsOn('other', MAPPINGS)]).toEqual(['gpu', 'nic']);
  expect([...mappingsOn('vm', '')]).toEqual([]);
});

test('only who names a mapping asks for them', () => {
  const wanted = vmWith([{ mapping: 'gpu' }]);
  expect(validateInputs.needs?.(wanted)).toEqual({ files: ['/etc/pve/mapping/pci.cfg'] });
  expect(validateInputs.needs?.(vmWith([{ address: '0000:01:00' }]))).toEqual({});
});

test.each<[string, Partial<DesiredVm>, readonly string[]]>([
  ['a mapping that leads to this node', vmWith([{ mapping: 'gpu' }]), []],
  ['one that leads to another', vmWith([{ mapping: 'nic' }]), ['vm/mapping-missing']],
  ['one that there is not', vmWith([{ mapping: 'gpu2' }]), ['vm/mapping-missing']],
  ['a device by its address', vmWith([{ address: '0000:01:00' }]), []],
  ['a feature without an agent', { agent: false, features: [feature('docker')] }, ['vm/needs-agent']],
  [
    'a health check inside without an agent',
    { agent: false, healthChecks: [check({ kind: 'command', argv: ['true'] })] },
    ['vm/needs-agent'],
  ],
  [
    'one from outside',
    { agent: false, healthChecks: [check({ kind: 'tcp', host: '10.0.0.1', port: 22 })] },
    [],
  ],
  ['nothing inside', { agent: false }, []],
])('%s', (_, desired, expected) => {
  const answer = askVm(validateInputs, {
    guest: vm(`${OURS}name: web\nscsi0: local:8101/vm-8101-disk-0.qcow2,size=4G\n`),
    desired: { agent: true, ...desired },
    files: { '/etc/pve/mapping/pci.cfg': MAPPINGS },
  });
  expect(codes(answer)).toEqual(expected);
  expect(answer).toMatchObject({ changes: [], operations: [] });
});

test('what stands and can not become what the folder says, before anything is touched', () => {
  const guest = vm(
    `${OURS}name: web\nide2: none,media=cdrom\nprotection: 1\nscsi0: local:8101/a.qcow2,size=4G\nscsi1: local:8101/b.qcow2,size=4G\n`,
  );
  const ours = { ...guest, nodeRecord: { ...guest.nodeRecord!, disks: ['scsi1'] } };
  const desired: Partial<DesiredVm> = {
    diskGiB: 2,
    bootOrder: ['scsi7'],
    disks: [{ slot: 'ide2', storage: 'local', sizeGiB: 1 }],
  };
  expect(codes(askVm(validateInputs, { guest: ours, desired, allow: ['detaches-volume'] }))).toEqual([
    'vm/disk-would-shrink',
    'vm/slot-taken',
    'vm/boot-device-missing',
    'vm/protected',
  ]);
});

function vmWith(sources: readonly DesiredVm['pciDevices'][number]['source'][]): DesiredVm {
  const pciDevices = sources.map((source, index) => ({ slot: `hostpci${index}`, source }));
  return machine(8101, { name: 'web', agent: true, pciDevices });
}

function check(probe: DesiredVm['healthChecks'][number]['probe']): DesiredVm['healthChecks'][number] {
  return { name: 'well', probe, retries: 1, intervalMs: 1, timeoutMs: 1 };
}
