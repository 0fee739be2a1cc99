import { isSameProperty, parseProperties } from '../property-string.ts';
import { isCdrom, isDriveKey, parseDrive } from './drives.ts';
import { parseNic } from './nics.ts';

/** A key of a running VM, what it has and what it shall have; undefined: none. */
export type KeyChange = {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/**
 * Does a running VM whose configuration is `keys` take this at once? All else waits in `[PENDING]` for
 * its next start (PVE::QemuServer vmconfig_hotplug_pending).
 */
export function isHotplugged(keys: ReadonlyMap<string, string>, change: KeyChange): boolean {
  const { key } = change;
  if (FAST.has(key) || CLOUD_INIT.test(key) || /^(?:unused\d+|cpuunits|cpulimit)$/.test(key)) return true;
  const features = hotplugFeatures(keys);
  if (key === 'hotplug') return ![change.before, change.after].some((text) => /cpu|memory/.test(text ?? ''));
  if (key === 'memory') return features.has('memory');
  if (key === 'vcpus') return features.has('cpu');
  if (key === 'tablet') return features.has('usb');
  if (/^usb\d+$/.test(key))
    return features.has('usb') && /^(?:l26|win8|win1[01])$/.test(keys.get('ostype') ?? '');
  if (key === 'balloon') return isBalloonLive(change);
  if (key === 'agent') return isAgentLive(change);
  if (/^net\d+$/.test(key)) return features.has('network') || isSameCard(change);
  return isDriveKey(key) && isDriveLive(features.has('disk'), change);
}

/** Does the guest keep its card, so that only the node's side of it changes? */
export function isSameCard({ before, after }: Omit<KeyChange, 'key'>): boolean {
  if (before === undefined || after === undefined) return false;
  const [old, fresh] = [parseNic(before), parseNic(after)];
  const isSame = ['model', 'macaddr', 'queues', 'mtu'].every((part) => isUnchanged(part, old, fresh));
  return isSame && old.has('bridge') && fresh.has('bridge');
}

function hotplugFeatures(keys: ReadonlyMap<string, string>): ReadonlySet<string> {
  const text = keys.get('hotplug') ?? '1';
  if (text === '0') return new Set();
  return new Set((text === '1' ? 'network,disk,usb' : text).split(/[\s,;]+/));
}

/** Only its size may change while it runs, not whether there is one at all. */
function isBalloonLive({ before, after }: KeyChange): boolean {
  if (after === undefined) return before !== '0';
  return (before === '0') === (after === '0');
}

/** While its channel is open, only whether copied disks are trimmed may change. */
function isAgentLive({ before, after }: KeyChange): boolean {
  if (before === undefined || after === undefined) return false;
  const [old, fresh] = [parseProperties(before, 'enabled'), parseProperties(after, 'enabled')];
  const parts = new Set([...old.keys(), ...fresh.keys()]);
  return [...parts].every((part) => part === 'fstrim_cloned_disks' || isUnchanged(part, old, fresh));
}

function isDriveLive(canPlug: boolean, { key, before, after }: KeyChange): boolean {
  const isPlugged = canPlug && !/^(?:ide|sata|efidisk|tpmstate)/.test(key);
  if (before === undefined || after === undefined) return isPlugged;
  if (key === 'efidisk0' || key === 'tpmstate0') return false;
  const [old, fresh] = [parseDrive(before), parseDrive(after)];
  if (isCdrom(old)) return true;
  if (old.get('file') !== fresh.get('file')) return isPlugged;
  return FIXED.every((part) => isUnchanged(part, old, fresh));
}

type Parts = ReadonlyMap<string, string>;

function isUnchanged(part: string, old: Parts, fresh: Parts): boolean {
  return isSameProperty(part, old.get(part), fresh.get(part));
}

/** Parts of a disk that only count from the next start. */
const FIXED = ['aio', 'discard', 'iothread', 'queues', 'product', 'cache', 'ssd', 'vendor', 'ro'];

/** Keys that need nothing done to a running VM. */
const FAST: ReadonlySet<string> = new Set([
  'description',
  'hookscript',
  'lock',
  'migrate_downtime',
  'migrate_speed',
  'name',
  'onboot',
  'protection',
  'shares',
  'startup',
  'tags',
  'vmstatestorage',
]);

/** These go into force at once, and into the guest when its Cloud-Init drive is made anew. */
const CLOUD_INIT =
  /^(?:citype|ciuser|cipassword|ciupgrade|cicustom|searchdomain|nameserver|sshkeys|ipconfig\d+)$/;
