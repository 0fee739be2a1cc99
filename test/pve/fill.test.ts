import { expect, test } from 'vitest';
import type { PveOperation } from '../../src/model/operation.ts';
import type { Value } from '../../src/model/value.ts';
import { fillOperation } from '../../src/pve/fill.ts';
import { asked, guest, MINIMAL } from '../managers/given.ts';

const TEXT = `${MINIMAL}mp3: local:8101/vm-8101-disk-1.raw,mp=/data,size=1G
net0: name=eth0,hwaddr=52:54:00:AA:BB:CC,type=veth

[pve:pending]
mp4: local:8101/vm-8101-disk-2.raw,mp=/later,size=1G
net1: name=eth1,hwaddr=52:54:00:AA:BB:DD,type=veth
`;
const found = guest(TEXT);
const { node } = asked({ guest: found }).observed;

function set(value: Value): PveOperation {
  return {
    op: 'pve',
    target: 8101,
    step: 's',
    changes: [],
    gates: [],
    call: 'pct set',
    vmid: 8101,
    params: { value },
  };
}

test.each<[Value, Value]>([
  [{ fill: 'digest', of: '8101' }, found.digest],
  [[{ fill: 'volume', of: '/data' }, ',mp=/data'], 'local:8101/vm-8101-disk-1.raw,mp=/data'],
  [[{ fill: 'volume', of: '/' }, ',size=2G'], 'local:8101/vm-8101-disk-0.raw,size=2G'],
  [['hwaddr=', { fill: 'mac', of: 'net0' }], 'hwaddr=52:54:00:AA:BB:CC'],
  [[{ fill: 'volume', of: '/later' }, ',mp=/later'], 'local:8101/vm-8101-disk-2.raw,mp=/later'],
  [['hwaddr=', { fill: 'mac', of: 'net1' }], 'hwaddr=52:54:00:AA:BB:DD'],
  ['plain', 'plain'],
])('%j', (value, expected) => {
  expect(fillOperation(set(value), node)).toEqual(set(expected));
});

const machine = guest(
  `net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0
scsi1: local:8101/vm-8101-disk-1.raw,size=1G

[PENDING]
net1: e1000=52:54:00:AA:CC:02,bridge=vmbr0
scsi2: file=local:8101/vm-8101-disk-2.raw,size=1G
`,
  { kind: 'vm' },
);

test.each<[Value, Value]>([
  [['virtio=', { fill: 'mac', of: 'net0' }], 'virtio=52:54:00:AA:CC:01'],
  [['e1000=', { fill: 'mac', of: 'net1' }], 'e1000=52:54:00:AA:CC:02'],
  [[{ fill: 'volume', of: 'scsi1' }, ',ssd=1'], 'local:8101/vm-8101-disk-1.raw,ssd=1'],
  [[{ fill: 'volume', of: 'scsi2' }, ',ssd=1'], 'local:8101/vm-8101-disk-2.raw,ssd=1'],
])('of a VM %j', (value, expected) => {
  expect(fillOperation(set(value), asked({ guest: machine }).observed.node)).toEqual(set(expected));
});

test('what the observation does not hold is a bug and said so', () => {
  expect(() => fillOperation(set({ fill: 'volume', of: '/gone' }), node)).toThrow('no volume of /gone');
});
