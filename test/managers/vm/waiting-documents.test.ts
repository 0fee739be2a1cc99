import { describe, expect, test } from 'vitest';
import { forgetSnippets, snippetNeeds, snippetStorages } from '../../../src/guest/cloud-init/snippets.ts';
import { waitingDocuments } from '../../../src/managers/vm/waiting-documents.ts';
import type { Observation, ObservedGuest } from '../../../src/model/observation.ts';
import { container } from '../../desired-container.ts';
import { cloudInit, machine } from '../../desired-vm.ts';
import { asked, guest } from '../given.ts';

const CONFIG = `boot: order=scsi0
cicustom: user=local:snippets/phoenix-8101-user.yaml,network=local:snippets/phoenix-8101-network.yaml
name: web
`;
const DESIRED = machine(8101, { cloudInit: cloudInit() });
const USER = '/var/lib/vz/snippets/phoenix-8101-user.yaml';
const NETWORK = '/var/lib/vz/snippets/phoenix-8101-network.yaml';

function node(times: Readonly<Record<string, number>>): Observation {
  return { ...asked({}).observed.node, fileTimes: new Map(Object.entries(times)) };
}

function vm(text: string, more: Partial<ObservedGuest> = {}): ObservedGuest {
  return guest(text, { kind: 'vm', running: true, startedAt: 1000, ...more });
}

describe('what waits for the next start of a VM', () => {
  test.each([
    ['a document written after it began', CONFIG, { [NETWORK]: 1001, [USER]: 999 }, ['Cloud-Init network']],
    [
      'two such documents',
      CONFIG,
      { [NETWORK]: 1001, [USER]: 1001 },
      ['Cloud-Init user', 'Cloud-Init network'],
    ],
    ['documents written before it began', CONFIG, { [NETWORK]: 999, [USER]: 1000 }, []],
    ['documents that its configuration does not name', 'name: web\n', { [NETWORK]: 1001 }, []],
    [
      "another guest's documents",
      CONFIG.replaceAll('8101', '8102'),
      { [NETWORK.replace('8101', '8102')]: 1001 },
      [],
    ],
    [
      'settings that its drive was not made with',
      'ciuser: b\nname: web\nnameserver: 1.1.1.1\n\n[special:cloudinit]\nadded: nameserver\nciuser: a\nname: x\n',
      {},
      ['ciuser', 'nameserver'],
    ],
  ])('%s', (_, text, times, expected) => {
    expect(waitingDocuments(DESIRED, vm(text), node(times))).toEqual(expected);
  });

  test.each([
    ['stopped', DESIRED, { running: false }],
    ['not seen to begin', DESIRED, { startedAt: undefined }],
    ['without Cloud-Init in the folder', machine(8101), {}],
  ])('is nothing for one that is %s', (_, desired, more) => {
    const { startedAt, ...rest } = vm(CONFIG, more as Partial<ObservedGuest>);
    const one = startedAt === undefined ? rest : { ...rest, startedAt };
    expect(waitingDocuments(desired, one, node({ [NETWORK]: 1001 }))).toEqual([]);
  });
});

test('the documents of a VM are removed wherever they stand, and nobody else’s', () => {
  const ours = '# Written by Phoenix from its folder: change it there.\n# phoenix: phoenix/8101\n';
  const remote = '/mnt/pve/nas/snippets/phoenix-8101-meta.yaml';
  const files = new Map([
    [USER, `#cloud-config\n${ours}{}\n`],
    [remote, `${ours}{}\n`],
    [NETWORK, 'version: 2\n'],
    [USER.replace('8101', '8102'), ours],
    ['/etc/apparmor.d/phoenix', ours],
  ]);
  const asks = { step: 'destroy_vm', changes: ['virtual machine'] };
  expect(forgetSnippets({ ...node({}), files }, { folderId: 'phoenix', vmid: 8101 }, asks)).toEqual(
    [USER, remote].map((path) => ({
      op: 'write',
      target: 8101,
      step: 'destroy_vm',
      changes: ['virtual machine'],
      gates: [],
      in: 'node',
      path,
      content: null,
    })),
  );
});

test('documents go where a storage of this node takes snippets and has a plain path', () => {
  const storage = (id: string, more: object = {}, options: Readonly<Record<string, string>> = {}) =>
    [
      id,
      {
        id,
        type: 'dir',
        path: `/srv/${id}`,
        content: ['snippets'],
        ...more,
        options: new Map(Object.entries(options)),
      },
    ] as const;
  const storages = new Map([
    storage('lvm', { path: undefined }),
    storage('images', { content: ['images'] }),
    storage('spaced', { path: '/srv/a b' }),
    storage('off', {}, { disable: '1' }),
    storage('elsewhere', {}, { nodes: 'other,third' }),
    storage('here', {}, { nodes: 'other,vm' }),
    storage('on', {}, { disable: '0' }),
  ]);
  expect(snippetStorages({ ...node({}), storages }).map(({ id }) => id)).toEqual(['here', 'on']);
});

test('whoever reads documents asks for those of VMs', () => {
  expect(snippetNeeds(DESIRED)).toEqual({ snippetsOf: [8101] });
  expect(snippetNeeds(container(8101))).toEqual({});
});
