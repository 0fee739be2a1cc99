import { createHash } from 'node:crypto';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedGuest } from '../model/observation.ts';
import type { RecordState } from '../model/record.ts';
import type { GuestKind } from '../model/target.ts';
import { parseGuestConfig } from './guest-config.ts';
import { parseGuestRecord } from './guest-record.ts';
import { parseNodeRecord } from './node-record.ts';
import type { ObservationText } from './observation-text.ts';

/** The guests whose config files an observation holds; what is odd about them goes into `diagnostics`. */
export function observedGuests(
  read: ObservationText,
  diagnostics: Diagnostic[],
): ReadonlyMap<number, ObservedGuest> {
  const running = new Set(read.all('running'));
  const began = new Map(read.all('began').flatMap(parseBegan));
  const tasks = tasksByGuest(read.all('task'));
  const guests = new Map<number, ObservedGuest>();
  for (const [path, text] of read.files) {
    const match = /^\/etc\/pve\/nodes\/([^/]+)\/(lxc|qemu-server)\/(\d+)\.conf$/.exec(path);
    if (!match?.[1]) continue;
    const [vmid, kind] = [Number(match[3]), match[2] === 'lxc' ? 'lxc' : 'vm'] as const;
    const known = guests.get(vmid);
    if (known) diagnostics.push(twice(vmid, known.node, match[1]));
    guests.set(
      vmid,
      observedGuest({ read, vmid, kind, node: match[1], text, running, began, tasks, diagnostics }),
    );
  }
  return guests;
}

type Source = {
  readonly read: ObservationText;
  readonly vmid: number;
  readonly kind: GuestKind;
  readonly node: string;
  readonly text: string;
  readonly running: ReadonlySet<string>;
  readonly began: ReadonlyMap<number, number>;
  readonly tasks: ReadonlyMap<number, readonly string[]>;
  readonly diagnostics: Diagnostic[];
};

function observedGuest(source: Source): ObservedGuest {
  const { read, vmid, kind, node, text } = source;
  const isRunning = node === read.nodeName && source.running.has(`${kind}\t${vmid}`);
  const began = isRunning && kind === 'vm' ? source.began.get(vmid) : undefined;
  const started = isRunning && kind === 'lxc' ? read.started.get(vmid) : undefined;
  const nodeRecord = readNodeRecord(source);
  const firewall = read.files.get(`/etc/pve/firewall/${vmid}.fw`);
  return {
    vmid,
    kind,
    node,
    config: parseGuestConfig(text, kind),
    digest: createHash('sha1').update(text).digest('hex'),
    running: isRunning,
    ...(started !== undefined && { startedWith: started.split('\n').flatMap(startedLine) }),
    ...(began !== undefined && { startedAt: began }),
    record: isRunning ? readRecord(source) : 'unknown',
    ...(nodeRecord && { nodeRecord }),
    ...(firewall !== undefined && { firewall }),
    tasks: source.tasks.get(vmid) ?? [],
  };
}

/** `VMID SECONDS`; without the seconds where nobody could tell. */
function parseBegan(line: string): [number, number][] {
  const [vmid, seconds = ''] = line.split('\t');
  return /^\d+$/.test(seconds) ? [[Number(vmid), Number(seconds)]] : [];
}

function startedLine(line: string): [string, string][] {
  const equals = line.indexOf('=');
  return equals > 0 && line.startsWith('lxc.')
    ? [[line.slice(0, equals).trimEnd(), line.slice(equals + 1).trim()]]
    : [];
}

function readRecord({ read, vmid, diagnostics }: Source): RecordState {
  const found = read.records.get(vmid);
  if (found === 'none') return 'none';
  const record = typeof found === 'object' ? parseGuestRecord(found.text) : undefined;
  if (record) return record;
  if (found !== undefined) {
    diagnostics.push({
      code: 'observation/guest-record',
      severity: 'warning',
      summary: 'What was applied in this guest cannot be read from it',
      detail:
        typeof found === 'object'
          ? '/var/lib/phoenix/record.json in it is not a record of Phoenix.'
          : '/var/lib/phoenix in it is not a plain folder with a plain file record.json of at most 64 KiB.',
      remedy:
        'Remove /var/lib/phoenix in the guest. Every feature is then checked, and recorded if it is there.',
      target: vmid,
    });
  }
  return 'unknown';
}

function readNodeRecord({ read, vmid, diagnostics }: Source): ObservedGuest['nodeRecord'] {
  const path = `/etc/pve/priv/phoenix/${vmid}.json`;
  const text = read.files.get(path);
  if (text === undefined) return undefined;
  const record = parseNodeRecord(text, vmid);
  if (!record) {
    diagnostics.push({
      code: 'observation/node-record',
      severity: 'warning',
      summary: `${path} is not a record of Phoenix`,
      detail: 'What Phoenix put into this guest is not known, so nothing of it will be taken away.',
      target: vmid,
    });
  }
  return record;
}

/** Tasks by the guest that they name: `UPID:node:pid:pstart:starttime:type:id:user:` (PVE::Tools::upid_decode). */
function tasksByGuest(upids: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const byGuest = new Map<number, string[]>();
  for (const upid of upids) {
    const id = upid.split(':')[6] ?? '';
    if (!/^\d+$/.test(id)) continue;
    const known = byGuest.get(Number(id));
    if (known) known.push(upid);
    else byGuest.set(Number(id), [upid]);
  }
  return byGuest;
}

function twice(vmid: number, first: string, second: string): Diagnostic {
  return {
    code: 'observation/duplicate-vmid',
    severity: 'warning',
    summary: 'This guest has two config files in the cluster',
    detail: `One on node ${first}, one on node ${second}; the second is taken.`,
    target: vmid,
  };
}
