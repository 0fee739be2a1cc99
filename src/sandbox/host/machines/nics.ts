import { stat } from 'node:fs/promises';
import { HostError, type MachineNic } from '../../../twin/host.ts';
import { mustRun } from '../../command.ts';

/** `-netdev`: a tap, which QEMU makes and which goes with it. */
export function nicBackend({ index, hostName }: MachineNic): string {
  return `tap,id=net${index}-host,ifname=${hostName},script=no,downscript=no`;
}

/** `-device`: the card. Nothing boots over the network, whose programs are a package of their own. */
export function nicDevice({ index, fields }: MachineNic): string {
  const model = fields['model'] ?? 'virtio';
  const device = MODELS[model];
  if (device === undefined) throw new HostError(`the sandbox has no network card '${model}'`);
  return [
    device,
    `netdev=net${index}-host`,
    `id=net${index}`,
    ...(fields['macaddr'] === undefined ? [] : [`mac=${fields['macaddr']}`]),
    ...(fields['mtu'] !== undefined && model === 'virtio' ? [`host_mtu=${fields['mtu']}`] : []),
    'romfile=',
  ].join(',');
}

/** Refuses a NIC whose bridge there is not. */
export async function needBridge({ fields: { bridge } }: MachineNic): Promise<void> {
  if (bridge === undefined) return;
  const found = await stat(`/sys/class/net/${bridge}/bridge`).catch(() => undefined);
  if (found === undefined) throw new HostError(`bridge '${bridge}' does not exist`);
}

/** Puts the host's end of a NIC on its bridge. */
export async function joinBridge({ hostName, fields }: MachineNic): Promise<void> {
  const { bridge, mtu } = fields;
  const words = [
    ...(bridge === undefined ? ['nomaster'] : ['master', bridge]),
    ...(mtu === undefined || mtu === '1' ? [] : ['mtu', mtu]),
  ];
  await mustRun(['ip', 'link', 'set', hostName, ...words, 'up']);
}

const MODELS: Readonly<Record<string, string>> = {
  virtio: 'virtio-net-pci',
  e1000: 'e1000',
  'e1000-82540em': 'e1000-82540em',
  'e1000-82544gc': 'e1000-82544gc',
  'e1000-82545em': 'e1000-82545em',
  e1000e: 'e1000e',
  rtl8139: 'rtl8139',
  vmxnet3: 'vmxnet3',
};
