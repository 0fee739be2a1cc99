import type { GuestId } from '../../model/target.ts';
import { splitList } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import type { MachineConfig } from './config.ts';
import { hostNic } from './launch.ts';
import { machinesOf } from './machines.ts';
import { parseMachineNic } from './nics.ts';
import { agentFields } from './agent-setting.ts';

/** What a VM lets be plugged while it runs; `network`, `disk` and `usb` unless it says otherwise. */
export function hotplugFeatures(config: MachineConfig): ReadonlySet<string> {
  const text = config.head.keys.get('hotplug') ?? '1';
  if (text === '0') return new Set();
  return new Set(splitList(text === '1' ? 'network,disk,usb' : text));
}

/** Takes a setting that is no drive from a running VM; false where that waits for a restart. */
export async function unplugSetting(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  key: string,
): Promise<boolean> {
  const features = hotplugFeatures(config);
  const keys = config.head.keys;
  const isLive =
    key === 'hotplug'
      ? !/cpu|memory/.test(keys.get('hotplug') ?? '')
      : key === 'balloon'
        ? keys.get('balloon') !== '0'
        : key === 'cpuunits' || key === 'cpulimit' || canPlug(config, features, key);
  if (!isLive) return false;
  await machinesOf(session).hotplug(vmid, { kind: 'unplug', key });
  return true;
}

/** Gives a running VM a setting that is no drive; false where that waits for a restart. */
export async function plugSetting(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  key: string,
  value: string,
): Promise<boolean> {
  const features = hotplugFeatures(config);
  const before = config.head.keys.get(key);
  const change = async (kind: 'plug' | 'change'): Promise<boolean> => {
    const isNic = /^net\d+$/.test(key);
    const nic = isNic ? { nic: hostNic(vmid, key, value) } : {};
    await machinesOf(session).hotplug(vmid, { kind, key, value, ...nic });
    return true;
  };
  if (key === 'hotplug') return !/cpu|memory/.test(value) && !/cpu|memory/.test(before ?? '');
  if (key === 'agent') return before !== undefined && isSameAgent(before, value) && change('change');
  if (key === 'balloon') return (before === '0') === (value === '0') && change('change');
  if (key === 'cpuunits' || key === 'cpulimit') return change('change');
  if (/^net\d+$/.test(key)) {
    if (before !== undefined && isSameCard(before, value)) return change('change');
    if (!features.has('network')) return false;
    if (before !== undefined) await machinesOf(session).hotplug(vmid, { kind: 'unplug', key });
    return change('plug');
  }
  return canPlug(config, features, key) && change('plug');
}

function canPlug(config: MachineConfig, features: ReadonlySet<string>, key: string): boolean {
  const ostype = config.head.keys.get('ostype') ?? '';
  if (/^net\d+$/.test(key)) return features.has('network');
  if (key === 'tablet') return features.has('usb');
  if (/^usb\d+$/.test(key)) return features.has('usb') && /^(l26|win8|win10|win11)$/.test(ostype);
  if (key === 'vcpus') return features.has('cpu');
  return key === 'memory' && features.has('memory');
}

/** What makes a NIC another card for the guest; the rest of it changes on the host alone. */
function isSameCard(before: string, after: string): boolean {
  const [old, fresh] = [parseMachineNic(before), parseMachineNic(after)];
  const isSame = ['model', 'macaddr', 'queues', 'mtu'].every((name) => old.get(name) === fresh.get(name));
  return isSame && old.has('bridge') && fresh.has('bridge');
}

/** Only whether copied disks are trimmed may change while an agent's channel is open. */
function isSameAgent(before: string, after: string): boolean {
  const [old, fresh] = [agentFields(before), agentFields(after)];
  const names = new Set([...old.keys(), ...fresh.keys()]);
  return [...names].every((name) => name === 'fstrim_cloned_disks' || old.get(name) === fresh.get(name));
}
