import type { CommandResult } from '../../../src/model/node.ts';
import { createMemoryHost } from '../../../src/twin/memory-host.ts';
import { runCommand } from '../../../src/twin/tools.ts';
import { freshWorld, type VolumeContent, type World } from '../../../src/twin/world.ts';
import type { Host } from '../../../src/twin/host.ts';

/** A twin's node with an image of a system to import, and its tools as words of a line. */
export type NodeForVms = {
  readonly world: World;
  readonly host: Host;
  readonly run: (line: string, stdin?: string) => Promise<CommandResult>;
  /** The text of a VM's configuration; undefined where there is none. */
  readonly config: (vmid: number) => string | undefined;
};

export const IMAGE = '/var/lib/vz/import/debian-12.qcow2';

export function nodeForVms(agent?: VolumeContent['agent']): NodeForVms {
  const world = freshWorld();
  const content = { files: { '/etc/hostname': 'debian\n' }, facts: [], ...(agent && { agent }) };
  const image = { format: 'qcow2', sizeBytes: 3 * 1024 ** 3, content };
  world.files[IMAGE] = { type: 'file', size: 400_000_000, image };
  const host = createMemoryHost(world);
  return {
    world,
    host,
    run: (line, stdin) => runCommand(host, line.split(' '), { ...(stdin !== undefined && { stdin }) }),
    config: (vmid) => world.files[`/etc/pve/nodes/vm/qemu-server/${vmid}.conf`]?.text,
  };
}

/** A VM with a system on its disk, an agent's channel and a Cloud-Init drive; it is not started. */
export async function makeVm(node: NodeForVms, vmid: number): Promise<void> {
  const line =
    `qm create ${vmid} --name web --memory 1024 --agent 1 --scsi0 local:0,import-from=${IMAGE},format=qcow2` +
    ' --ide2 local:cloudinit --net0 virtio,bridge=vmbr0 --ciuser phoenix';
  const { rc, stderr } = await node.run(line);
  if (rc !== 0) throw new Error(stderr);
}
