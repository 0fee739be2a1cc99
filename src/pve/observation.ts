import type { Diagnostic } from '../model/diagnostic.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Observation, ObservedPath } from '../model/observation.ts';
import { observedHost } from './host/observed-host.ts';
import { observedGuests } from './observation-guests.ts';
import { readObservationText } from './observation-text.ts';
import { parseStorages } from './storage-config.ts';

/**
 * Reads what an observation printed: lines of a tag, a tab and fields, and behind some of them a text,
 * each of its lines (split at `\n`, so a text with a line end ends in an empty one) behind `=` and a
 * tab. Nothing that a text holds can begin a line of its own.
 *
 * | line | holds |
 * |---|---|
 * | `phoenix-observation 1` | first line: the format's version |
 * | `node NAME` | the node's name, as folders of /etc/pve/nodes are named |
 * | `proxmox 0\|1` | is there a `pct`? |
 * | `memory MIB`, `nvidia LINE`, `bridge NAME`, `gpu PATH` | the machine; LINE is the first of /proc/driver/nvidia/version |
 * | `host PART` + text | of the host itself, where somebody asked for it: what a program printed, or lines of fields |
 * | `path TYPE UID GID PATH` | a path that was asked about; TYPE as `stat -L -c %F` says, or `missing`, then `-` for the ids |
 * | `template VOLUME`, `volume VOLUME` | volume ids; a template is a container's or an image to import (`local:import/debian.qcow2`) |
 * | `file PATH` + text | a file: guest configs of the cluster, storage.cfg, firewall files, our node records, files that were asked about |
 * | `filetime SECONDS PATH` | when such a file outside /etc/pve was last written, in epoch seconds |
 * | `running lxc\|vm VMID` | a guest of this node that runs |
 * | `began VMID SECONDS` | when the process of a running VM began, in epoch seconds |
 * | `started VMID` + text | the `lxc.` lines that LXC really started it with |
 * | `task UPID` | a task of Proxmox that runs; type `tool`: a `pct` or `qm` at work, seen only where a journal is open |
 * | `open JSON` | a `begin` of our journal without its `end` |
 * | `record VMID read\|none\|unknown` + text | what a running guest says was applied in it: a guest's claim; of VMs, those that were asked about and whose agents answered |
 * | `end` | last line; without it the text was cut short |
 *
 * An observation of some guests holds only their files, records and run states. Throws
 * `NodeUnreachable` for a text that is none or was cut short.
 */
export function parseObservation(text: string): Observation {
  const read = readObservationText(text);
  const diagnostics: Diagnostic[] = [];
  const nvidiaVersion = nvidiaVersionIn(read.first('nvidia') ?? '');
  const memory = Number(read.first('memory') ?? Number.NaN);
  const storageConfig = read.files.get('/etc/pve/storage.cfg');
  const hasProxmox = read.first('proxmox') === '1';
  const host = observedHost(read);
  return {
    text,
    nodeName: read.nodeName,
    hasProxmox,
    guests: observedGuests(read, diagnostics),
    storages: parseStorages(storageConfig ?? '', hasProxmox),
    templates: read.all('template'),
    volumes: read.all('volume'),
    bridges: read.all('bridge'),
    paths: new Map(read.all('path').flatMap(parsePath)),
    files: new Map([...read.files].filter(([path]) => !/^\/etc\/pve\/(?!mapping\/)/.test(path))),
    fileTimes: new Map(read.all('filetime').flatMap(parseTime)),
    gpuDevices: read.all('gpu'),
    ...(nvidiaVersion !== undefined && { nvidiaVersion }),
    ...(Number.isInteger(memory) && { memoryMiB: memory }),
    ...(host && { host }),
    openEntries: read.all('open').flatMap((line) => parseEntry(line, diagnostics)),
    diagnostics,
  };
}

/** `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …`; the open driver words it otherwise. */
function nvidiaVersionIn(line: string): string | undefined {
  return /\s(\d{3,}(?:\.\d+){1,2})\s/.exec(line)?.[1];
}

/** `SECONDS PATH`. */
function parseTime(line: string): [string, number][] {
  const [seconds = '', ...path] = line.split('\t');
  return /^\d+$/.test(seconds) ? [[path.join('\t'), Number(seconds)]] : [];
}

function parsePath(line: string): [string, ObservedPath][] {
  const fields = line.split('\t');
  const path = fields.slice(3).join('\t');
  const [type = '', uid, gid] = fields;
  if (path === '') return [];
  if (type === 'missing') return [[path, { path, type: 'missing' }]];
  return [[path, { path, type: pathType(type), uid: Number(uid), gid: Number(gid) }]];
}

function pathType(type: string): ObservedPath['type'] {
  if (type === 'directory') return 'directory';
  if (type.startsWith('regular')) return 'file';
  return /^(character|block) special file$/.test(type) ? 'device' : 'other';
}

function parseEntry(line: string, diagnostics: Diagnostic[]): JournalEntry[] {
  try {
    const entry: unknown = JSON.parse(line);
    if (isBegin(entry)) return [entry];
  } catch {
    // Said below.
  }
  diagnostics.push({
    code: 'observation/journal-line',
    severity: 'warning',
    summary: 'A line of the journal cannot be read',
    detail: line.slice(0, 200),
  });
  return [];
}

function isBegin(entry: unknown): entry is JournalEntry {
  if (typeof entry !== 'object' || entry === null) return false;
  if (!('entry' in entry) || entry.entry !== 'begin') return false;
  if (!('target' in entry) || !('step' in entry) || typeof entry.step !== 'string') return false;
  if (typeof entry.target !== 'number' && entry.target !== 'node') return false;
  return 'operation' in entry && typeof entry.operation === 'object' && entry.operation !== null;
}
