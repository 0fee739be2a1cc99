import { describe, expect, it } from 'vitest';
import { makeVm, nodeForVms, type NodeForVms } from './node-for-vms.ts';

async function started(): Promise<NodeForVms> {
  const node = nodeForVms();
  await makeVm(node, 8201);
  await node.run('qm start 8201');
  return node;
}

/** The lines of a section of a config; '' is the head. */
function section(text: string, name: string): string[] {
  const blocks = text.split(/^\[(.+)\]$/m);
  const at = blocks.indexOf(name, 1);
  return (name === '' ? (blocks[0] ?? '') : at === -1 ? '' : (blocks[at + 1] ?? '')).trim().split('\n');
}

describe('changes of a running VM', () => {
  it.each([
    ['--name other', 'name: other'],
    ['--onboot 1', 'onboot: 1'],
    ['--startup order=3', 'startup: order=3'],
    ['--tags b;a', 'tags: a;b'],
    ['--cpulimit 1.5', 'cpulimit: 1.5'],
    ['--balloon 512', 'balloon: 512'],
    ['--agent 1,fstrim_cloned_disks=1', 'agent: 1,fstrim_cloned_disks=1'],
    ['--nameserver 9.9.9.9', 'nameserver: 9.9.9.9'],
    ['--net1 virtio=52:54:00:00:00:01,bridge=vmbr0', 'net1: virtio=52:54:00:00:00:01,bridge=vmbr0'],
    ['--tablet 0', 'tablet: 0'],
    ['--usb0 host=1234:5678', '[PENDING] usb0: host=1234:5678'],
    ['--memory 2048', '[PENDING] memory: 2048'],
    ['--cores 2', '[PENDING] cores: 2'],
    ['--cpu host', '[PENDING] cpu: host'],
    ['--balloon 0', '[PENDING] balloon: 0'],
    ['--serial0 socket', '[PENDING] serial0: socket'],
    ['--boot order=net0', '[PENDING] boot: order=net0'],
    ['--hotplug network,cpu', '[PENDING] hotplug: network,cpu'],
    ['--sata0 local:1', '[PENDING] sata0: local:8201/vm-8201-disk-1.raw,size=1G'],
    ['--scsi1 local:1', 'scsi1: local:8201/vm-8201-disk-1.raw,size=1G'],
    ['--delete memory', '[PENDING] delete: memory'],
  ])('%s', async (words, expected) => {
    const node = await started();
    expect(await node.run(`qm set 8201 ${words}`)).toMatchObject({ rc: 0, stderr: '' });
    const [name, line] = expected.startsWith('[PENDING] ') ? ['PENDING', expected.slice(10)] : ['', expected];
    expect(section(node.config(8201) ?? '', name)).toContain(line);
    if (name === '') expect(node.config(8201)).not.toContain('[PENDING]');
  });

  it('become real when it stops', async () => {
    const node = await started();
    await node.run('qm set 8201 --memory 2048 --cores 2');
    expect((await node.run('qm pending 8201')).stdout).toContain('new memory: 2048\n');
    await node.run('qm shutdown 8201');
    expect(node.config(8201)).toMatch(/^cores: 2$/m);
    expect(node.config(8201)).not.toContain('[PENDING]');
  });

  it('are taken back one by one', async () => {
    const node = await started();
    const before = node.config(8201);
    await node.run('qm set 8201 --memory 2048 --cores 2');
    await node.run('qm set 8201 --revert memory,cores');
    expect(node.config(8201)).toBe(before);
  });

  it('leave a note of what the Cloud-Init drive was made from, and a start renews it', async () => {
    const node = await started();
    await node.run('qm set 8201 --ciuser other');
    await node.run('qm set 8201 --searchdomain lab');
    expect(section(node.config(8201) ?? '', 'special:cloudinit')).toEqual([
      'added: searchdomain',
      'ciuser: phoenix',
    ]);
    expect((await node.run('qm cloudinit pending 8201')).stdout).toBe(
      'cur ciuser: phoenix\nnew ciuser: other\nnew searchdomain: lab\n',
    );
    await node.run('qm set 8201 --ciuser phoenix --delete searchdomain');
    expect(node.config(8201)).not.toContain('special:cloudinit');
    await node.run('qm set 8201 --ciuser other');
    await node.run('qm reboot 8201');
    expect(node.config(8201)).not.toContain('special:cloudinit');
    const drive = node.world.volumes['local']?.[8201]?.['8201/vm-8201-cloudinit.qcow2'];
    expect(drive?.content?.files['/user-data']).toContain('user: other\n');
  });
});
