import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { generateCloudInit } from '../../../src/managers/vm/generate-cloud-init.ts';
import type { DesiredCloudInit, DesiredVm } from '../../../src/model/desired.ts';
import type { Manager } from '../../../src/model/step.ts';
import { Secret } from '../../../src/model/value.ts';
import { PVE_DIALECT } from '../../../src/node/dialect.ts';
import { twinNode, type World } from '../../../src/twin/index.ts';
import { cloudInit, machine } from '../../desired-vm.ts';
import { kills } from '../kills.ts';
import { converge, lab, problems, type Lab, type TwinRun } from '../on-twin.ts';

const MANAGER = { name: 'vm', steps: [generateCloudInit] } as Manager<never>;
const CONFIG = '/etc/pve/nodes/vm/qemu-server/8101.conf';
const SNIPPETS = '/var/lib/vz/snippets/phoenix-8101';
const IMAGE = {
  file: 'debian-12.qcow2',
  url: 'https://images.test/debian-12.qcow2',
  sha256: 'a'.repeat(64),
};
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICfeBt2/aYV3DbjoWvgMo7yb8FMRUuptKzObrXUwLa/I ops@lab';

function wanted(init: Partial<DesiredCloudInit> = {}): DesiredVm {
  return machine(8101, {
    name: 'web',
    image: IMAGE,
    nics: [{ slot: 'net0', ip: '10.99.0.91/24', gateway: '10.99.0.1' }],
    cloudInit: cloudInit({
      nameservers: ['10.0.0.1'],
      users: [
        {
          name: 'ops',
          sshKeys: [KEY],
          password: new Secret('env:OPS', () => 'canary-password'),
          hasSudo: true,
          groups: [],
        },
      ],
      ...init,
    }),
  });
}

async function qm(here: Lab, words: string): Promise<void> {
  const node = twinNode({ ...here, dialect: PVE_DIALECT });
  expect(await node.command(['qm', ...words.split(' ')], {})).toMatchObject({ rc: 0 });
}

/** A node with VM 8101 as `qm create` leaves it, but for the drive. */
async function withVm(): Promise<Lab> {
  const here = lab();
  await qm(here, 'create 8101 --name web --net0 virtio=52:54:00:AA:CC:01,bridge=vmbr0 --scsi0 local:1');
  const file = here.world.files[CONFIG]!;
  file.text = `#phoenix%3A phoenix/8101\n${file.text}`;
  return here;
}

async function run(here: Lab, desired: DesiredVm, more: TwinRun = {}) {
  const result = await converge(here, [desired], { manager: MANAGER, ...more });
  expect(problems(result)).toEqual([]);
  return result?.targets[0];
}

/** What stands on the VM's Cloud-Init drive. */
function driveOf({ volumes }: World): Record<string, string> {
  const found = Object.values(volumes['local'] ?? {}).flatMap((folder) => Object.entries(folder));
  return found.find(([name]) => name.includes('cloudinit'))?.[1].content?.files ?? {};
}

test('documents go onto the drive at the start; a changed DNS server at the next one, for the same instance', async () => {
  const here = await withVm();
  expect((await run(here, wanted()))?.result).toBe('changed');
  expect(here.world.files[CONFIG]?.text).toMatch(/^ide2: local:8101\/vm-8101-cloudinit.qcow2,media=cdrom$/m);
  for (const name of ['user', 'network', 'meta', 'vendor']) {
    expect(here.world.files[`${SNIPPETS}-${name}.yaml`]).toMatchObject({ mode: 0o600 });
  }
  expect(await run(here, wanted())).toMatchObject({ result: 'unchanged', operations: [] });

  await qm(here, 'start 8101');
  const first = driveOf(here.world);
  expect(first['/user-data']).toBe(here.world.files[`${SNIPPETS}-user.yaml`]?.text);
  expect(first['/user-data']).toMatch(/^#cloud-config\n[^]*hashed_passwd: "\$6\$/);
  expect(parse(first['/meta-data'] ?? '')).toMatchObject({ 'instance-id': 'phoenix-phoenix-8101-1' });

  const changed = await run(here, wanted({ nameservers: ['9.9.9.9'] }));
  expect(changed?.changes.map(({ attribute, effect }) => [attribute, effect])).toEqual([
    ['network-config', 'restart'],
  ]);
  expect(driveOf(here.world)).toEqual(first);
  expect(await run(here, wanted({ nameservers: ['9.9.9.9'] }))).toMatchObject({ result: 'unchanged' });
  await qm(here, 'stop 8101');
  await qm(here, 'start 8101');
  const { '/network-config': network = '', ...rest } = driveOf(here.world);
  const { '/network-config': before = '', ...others } = first;
  expect(rest).toEqual(others);
  expect(network).toBe(before.replace('10.0.0.1"', '9.9.9.9"'));

  const left = await run(here, wanted({ nameservers: ['9.9.9.9'], packages: ['htop'] }));
  expect(left).toMatchObject({ result: 'left', operations: [], left: [{ attribute: 'first boot' }] });
  const reseeded = await run(here, wanted({ nameservers: ['9.9.9.9'], packages: ['htop'] }), {
    options: { reseed: 'this call' },
  });
  expect(reseeded).toMatchObject({ result: 'changed', left: [] });
  await qm(here, 'stop 8101');
  await qm(here, 'start 8101');
  expect(driveOf(here.world)['/user-data']).toContain('- htop');
  expect(driveOf(here.world)['/meta-data']).toContain('phoenix-phoenix-8101-2');
});

test("Proxmox's own keys say it where no storage takes snippets, the password as a hash", async () => {
  const here = await withVm();
  const storages = here.world.files['/etc/pve/storage.cfg']!;
  storages.text = (storages.text ?? '').replaceAll(',snippets', '');
  expect((await run(here, wanted()))?.result).toBe('changed');
  const text = here.world.files[CONFIG]?.text ?? '';
  expect(text).toMatch(/^ciuser: ops$/m);
  expect(text).toMatch(/^cipassword: \$6\$[A-Za-z0-9]{16}\$[./A-Za-z0-9]{86}$/m);
  expect(text).toMatch(/^sshkeys: ssh-ed25519%20AAAA.*%20ops%40lab%0A$/m);
  expect(text).toMatch(/^ipconfig0: ip=10.99.0.91\/24,gw=10.99.0.1$/m);
  expect(text).toMatch(/^nameserver: 10.0.0.1$/m);
  expect(text).toMatch(/^ciupgrade: 0$/m);
  expect(Object.keys(here.world.files).filter((path) => path.startsWith('/run/phoenix'))).toEqual([]);
  expect(await run(here, wanted())).toMatchObject({ result: 'unchanged', operations: [] });
  await qm(here, 'start 8101');
  expect(driveOf(here.world)['/user-data']).toMatch(/password: \$6\$/);
  expect(driveOf(here.world)['/network-config']).toContain("address: '10.99.0.91'");
});

test('no secret reaches the journal or any other file in clear, and no hash but the documents', async () => {
  const here = await withVm();
  await run(here, wanted());
  const holding = (what: RegExp) =>
    Object.entries(here.world.files).flatMap(([path, { text = '' }]) => (what.test(text) ? [path] : []));
  expect(holding(/canary-password/)).toEqual([]);
  expect(holding(/\$6\$/)).toEqual([`${SNIPPETS}-user.yaml`]);
  expect(holding(/cloud-init:8101\/user@/).join()).toMatch(/^\/var\/lib\/phoenix\/journal\//);
});

const OPERATIONS = [0, 1, 2, 3, 4];

test.each(OPERATIONS.flatMap((at) => kills([0, 1, 2]).map(([how, fault]) => [at, how, fault] as const)))(
  'a run that is killed at operation %i, %s, is finished by the next',
  async (at, _, fault) => {
    const expected = await withVm();
    await run(expected, wanted());
    const here = await withVm();
    let index = 0;
    const killed = await converge(here, [wanted()], {
      manager: MANAGER,
      faults: () => (index++ === at ? fault : undefined),
    });
    expect(killed).toBeUndefined();
    await run(here, wanted());
    const documents = ({ world }: Lab) =>
      Object.fromEntries(
        Object.entries(world.files).filter(([path]) => path.startsWith('/var/lib/vz/snippets/')),
      );
    expect(Object.keys(documents(here))).toHaveLength(4);
    expect(documents(here)).toEqual(documents(expected));
    expect(here.world.files[CONFIG]?.text).toContain('cicustom: user=local:snippets/phoenix-8101-user.yaml');
  },
);

test('its documents go with a machine that is deleted', async () => {
  const here = await withVm();
  await run(here, wanted());
  here.world.files[`${SNIPPETS.replace('8101', '8102')}-user.yaml`] = { type: 'file', text: 'of another' };
  const result = await converge(here, [wanted()], {
    machine: 'delete',
    allow: ['destroys-data'],
    verb: 'delete',
  });
  expect(problems(result)).toEqual([]);
  expect(here.world.files[CONFIG]).toBeUndefined();
  const left = Object.keys(here.world.files).filter((path) => path.startsWith('/var/lib/vz/snippets/'));
  expect(left).toEqual([`${SNIPPETS.replace('8101', '8102')}-user.yaml`]);
});

test('through the whole machine: made, left alone, restarted for a changed DNS server only where that is allowed', async () => {
  const here = lab();
  const desired = (server: string): DesiredVm => ({
    ...wanted({ nameservers: [server] }),
    storage: 'local',
    agent: true,
    nics: [{ slot: 'net0', bridge: 'vmbr0', ip: '10.99.0.91/24', gateway: '10.99.0.1' }],
  });
  const all = async (server: string, more: TwinRun = {}) => {
    const result = await converge(here, [desired(server)], more);
    expect(problems(result)).toEqual([]);
    return result?.targets[0];
  };
  expect((await all('10.0.0.1'))?.result).toBe('changed');
  const first = driveOf(here.world);
  expect(first['/network-config']).toContain('- "10.0.0.1"');
  expect(first['/user-data']).toContain('- qemu-guest-agent');
  const mac = /^net0: .*virtio=([0-9A-F:]{17})/m.exec(here.world.files[CONFIG]?.text ?? '')?.[1];
  expect(first['/network-config']).toContain(`macaddress: "${mac?.toLowerCase()}"`);
  expect(await all('10.0.0.1')).toMatchObject({ result: 'unchanged', operations: [] });

  const left = await all('9.9.9.9');
  expect(left?.result).toBe('left');
  expect(left?.left.map(({ step, attribute, after }) => [step, attribute, after])).toEqual([
    ['start_vm', 'restart', 'Cloud-Init network'],
  ]);
  expect(driveOf(here.world)).toEqual(first);
  expect((await all('9.9.9.9'))?.left).toHaveLength(1);

  const restarted = await all('9.9.9.9', { allow: ['restart'] });
  expect(restarted).toMatchObject({ result: 'changed', left: [] });
  expect(driveOf(here.world)['/network-config']).toContain('- "9.9.9.9"');
  expect(driveOf(here.world)['/meta-data']).toBe(first['/meta-data']);
  expect(await all('9.9.9.9')).toMatchObject({ result: 'unchanged', operations: [] });

  const reseeded = await all('9.9.9.9', { allow: ['restart'], options: { reseed: 'this call' } });
  expect(reseeded?.changes.map(({ attribute }) => attribute)).toEqual(['instance-id', 'restart']);
  expect(driveOf(here.world)['/meta-data']).toContain('instance-id: phoenix-phoenix-8101-2');
  expect(await all('9.9.9.9')).toMatchObject({ result: 'unchanged', operations: [] });
});
