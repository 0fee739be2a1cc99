import { readFileSync, readdirSync } from 'node:fs';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runCommand } from '../../src/twin/tools.ts';
import { freshWorld, type World } from '../../src/twin/world.ts';
import type { Host } from '../../src/twin/host.ts';

export type Step = {
  readonly run?: readonly string[];
  readonly write?: string;
  readonly append?: string;
  readonly text?: string;
  readonly stdin?: string;
  readonly rc?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly files?: Readonly<Record<string, string | null>>;
  readonly machine?: boolean;
};

export type Scenario = {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly fresh?: boolean;
  readonly steps: readonly Step[];
};

export type Answer = {
  readonly step: string;
  readonly expected: Seen;
  readonly actual: Seen;
};

type Seen = {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: readonly string[];
  readonly files: Readonly<Record<string, string>>;
};

const FOLDER = new URL('../conformance/', import.meta.url);

/** The recorded scenarios whose name begins with one of the words. */
export function readScenarios(prefixes: readonly string[]): Scenario[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && prefixes.some((prefix) => file.startsWith(prefix)))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Scenario);
}

/** Runs a scenario's steps on the twin and gives what was recorded beside what the twin did. */
export async function replay(scenario: Scenario, isExempt: (step: Step) => boolean): Promise<Answer[]> {
  const answers: Answer[] = [];
  let world = worldFor(scenario);
  let host = createMemoryHost(world);
  let recorded: Record<string, string> = watch(world);
  for (const step of scenario.steps) {
    if (scenario.fresh === true) {
      world = worldFor(scenario);
      host = createMemoryHost(world);
      recorded = watch(world);
    }
    const before = watch(world);
    const { run } = step;
    if (run === undefined) {
      await edit(host, step);
      recorded = watch(world);
      continue;
    }
    if (run[0] === 'qemu-img') {
      addImage(world, run);
      continue;
    }
    await waitForAgent(host, step);
    if (isUnderstoodOnly(step) || isExempt(step)) {
      await putInPlace(host, world, step);
      recorded = watch(world);
      continue;
    }
    const result = await runCommand(host, run, { ...(step.stdin !== undefined && { stdin: step.stdin }) });
    recorded = applyFiles(before, step.files ?? {});
    if (isAnsweredInside(step)) continue;
    const isShown = showsStdout(run);
    answers.push({
      step: run.join(' ').slice(0, 200),
      expected: {
        rc: step.rc ?? 0,
        stdout: isShown ? normalize(step.stdout ?? '', run) : '',
        stderr: errorLines(step.stderr ?? ''),
        files: tidyAll(recorded),
      },
      actual: {
        rc: result.rc,
        stdout: isShown ? normalize(result.stdout, run) : '',
        stderr: errorLines(result.stderr),
        files: tidyAll(watch(world)),
      },
    });
  }
  return answers;
}

/** Steps that show what happens side by side, or that the recording machine answered. */
function isUnderstoodOnly(step: Step): boolean {
  return step.machine === true || step.run?.[0] === 'sh';
}

/** A program inside of a guest answered, and not the tool. */
function isAnsweredInside(step: Step): boolean {
  const isExec = step.run?.[0] === 'pct' && step.run[1] === 'exec';
  return isExec && !/^(Configuration file|container '|missing command)/.test(step.stderr ?? '');
}

/** What a program in a guest prints or returns is not the twin's business. */
function showsStdout(run: readonly string[]): boolean {
  const [tool = '', command = ''] = run;
  if (tool === 'cat' || tool === 'pveam' || tool === 'pvesh') return true;
  if (tool === 'pvesm') return command !== '';
  return [
    'config',
    'pending',
    'status',
    'listsnapshot',
    'list',
    'rescan',
    'destroy',
    'guest',
    'cloudinit',
  ].includes(command);
}

async function edit(host: Host, step: Step): Promise<void> {
  const path = step.write ?? step.append ?? '';
  const argv = step.append === undefined ? ['tee', path] : ['tee', '-a', path];
  await runCommand(host, argv, { stdin: step.text ?? '' });
}

/** Puts a step's files in place, with the volumes that they name and the run states that it left. */
async function putInPlace(host: Host, world: World, step: Step): Promise<void> {
  for (const [path, text] of Object.entries(step.files ?? {})) {
    if (text === null) await host.files.remove(path);
    else await host.files.write(path, withSamples(text));
    for (const [, storage = '', name = '', vmid = ''] of (text ?? '').matchAll(
      /^(?:rootfs|mp\d+): ([\w-]+):((\d+)\/[^,]+)/gm,
    )) {
      const folder = ((world.volumes[storage] ??= {})[vmid] ??= {});
      folder[name] ??= {
        vmid: Number(vmid),
        format: 'raw',
        sizeBytes: 1024 ** 3,
        content: { files: {}, facts: [] },
        snapshots: {},
      };
    }
  }
  const script = step.run?.join(' ') ?? '';
  for (const [, vmid = ''] of script.matchAll(/pct start (\d+)/g)) {
    if (step.stdout?.includes('start=0') === true) await runCommand(host, ['pct', 'start', vmid]);
  }
}

/** A recorded config with a value in each place where one was taken out. */
function withSamples(text: string): string {
  return text
    .replaceAll('<time>', '1767225600')
    .replaceAll('<version>', '10.0.2')
    .replaceAll('<uuid>', '5f0d3f0e-2f5c-4f0e-8f51-0d7c1d0a8201');
}

const WATCHED =
  /^\/etc\/pve\/(nodes\/[^/]+\/(lxc|qemu-server)\/8\d\d\d\.conf|firewall\/8\d\d\d\.fw|storage\.cfg)$/;

function watch(world: World): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [path, file] of Object.entries(world.files)) {
    if (WATCHED.test(path)) found[path.replace(/^\/etc\/pve\/nodes\/[^/]+/, '/etc/pve')] = file.text ?? '';
  }
  return found;
}

function applyFiles(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const after = { ...before };
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) delete after[path];
    else after[path] = text;
  }
  return after;
}

function tidyAll(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, tidy(text)]));
}

/** Takes out what differs from run to run; a storage's contents come in the order of Perl's hashes. */
function tidy(text: string): string {
  return text
    .replace(/BC:24:11(:[0-9A-FX]{2}){3}/g, 'BC:24:11:XX:XX:XX')
    .replace(/nodes\/(?!<)[^/]+\//g, 'nodes/<node>/')
    .replace(/snaptime: \d+/g, 'snaptime: <time>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<date>             ')
    .replace(/<date> +/g, '<date> ')
    .replace(/ line (\d+|<n>)\./g, ' line <n>.')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>')
    .replace(/creation-qemu=[^,\n]+,ctime=\d+/g, 'creation-qemu=<version>,ctime=<time>')
    .replace(/^\[OPTIONS\]\n\n((?:.+\n)+)/gm, (_, lines: string) => `[OPTIONS]\n\n${sortLines(lines)}`)
    .replace(/^\tcontent (.*)$/gm, (_, list: string) => `\tcontent ${list.split(',').toSorted().join(',')}`);
}

function normalize(stdout: string, run: readonly string[]): string {
  let text = tidy(stdout);
  if (run.includes('--verbose')) text = text.replace(VOLATILE, '$1: <n>');
  if (run[0] === 'pvesm' && run[1] === 'status')
    text = text.replace(/\d+(\.\d+)?%?/g, '<n>').replace(/ +/g, ' ');
  if (run[1] === 'list' && run[0] === 'pvesm') {
    const rows = text.split('\n').filter((line) => !line.includes(':snippets/'));
    text = rows.map((line) => line.replace(/ +/g, ' ').replace(/\d{8}|\d+\.\d+MB/g, '<n>')).join('\n');
  }
  if (run[0] !== 'pvesm' && run[1] === 'list') {
    const rows = stdout.split('\n').filter((line) => /^ *(VMID|10[01] |8\d\d\d )/.test(line));
    text = rows.join('\n');
  }
  if (run[1] === 'guest') text = text.replace(/"pid" : \d+/, '"pid" : <n>');
  return text;
}

function sortLines(lines: string): string {
  return lines.replace(/\n$/, '').split('\n').toSorted().join('\n') + '\n';
}

/** The node of the recordings; some need a VM template that stood there. */
function worldFor(scenario: Scenario): World {
  const world = freshWorld();
  if (scenario.tags?.includes('needs template 9000') === true) addTemplate(world);
  return world;
}

function addTemplate(world: World): void {
  const settings = [
    'agent: 1',
    'boot: order=scsi0',
    'cores: 2',
    'cpu: max',
    'ide2: local-btrfs:9000/vm-9000-cloudinit.qcow2,media=cdrom',
    'kvm: 0',
    'memory: 1024',
    'meta: creation-qemu=10.0.2,ctime=1767225600',
    'name: debian12-tmpl',
    'net0: virtio=BC:24:11:00:90:00,bridge=vmbr0',
    'ostype: l26',
    'scsi0: local-btrfs:9000/base-9000-disk-0.raw,discard=on,size=3G',
    'scsihw: virtio-scsi-single',
    'serial0: socket',
    'smbios1: uuid=5f0d3f0e-2f5c-4f0e-8f51-0d7c1d0a9000',
    'template: 1',
    'vga: serial0',
    'vmgenid: 5f0d3f0e-2f5c-4f0e-8f51-0d7c1d0a9001',
  ];
  const path = `/etc/pve/nodes/${world.nodeName}/qemu-server/9000.conf`;
  world.files[path] = { type: 'file', text: `${settings.join('\n')}\n` };
  const volume = { vmid: 9000, snapshots: {} };
  const content = { files: {}, facts: [], agent: { isInstalled: true }, missing: ['nosuchcommand'] };
  (world.volumes['local-btrfs'] ??= {})[9000] = {
    '9000/vm-9000-cloudinit.qcow2': { ...volume, format: 'qcow2', sizeBytes: 4 * 1024 ** 2 },
    '9000/base-9000-disk-0.raw': { ...volume, format: 'raw', sizeBytes: 3 * 1024 ** 3, content },
  };
}

/** `qemu-img create -q -f FORMAT PATH 64M`, as the recordings make an empty image to import. */
function addImage(world: World, run: readonly string[]): void {
  const [, , , , format = 'raw', path = '', size = ''] = run;
  const image = { format, sizeBytes: Number.parseInt(size, 10) * 1024 ** 2 };
  world.files[path] = { type: 'file', size: 200_704, image };
}

/** Whoever recorded waited for the agent before a ping that shall be answered. */
async function waitForAgent(host: Host, step: Step): Promise<void> {
  if (step.run?.join(' ').startsWith('qm agent ') === true && step.rc === 0) await host.sleep(60_000);
}

const VOLATILE = /^(cpus|disk|diskread|diskwrite|mem|netin|netout|pid|swap|uptime): .*$/gm;

/** The lines of a complaint up to the usage text, in any order: Perl's hashes have none. */
function errorLines(stderr: string): string[] {
  const lines: string[] = [];
  for (const line of tidy(stderr).split('\n')) {
    if (/^(pct|pvesm|pveam|pvesh|qm) \w|^USAGE/.test(line)) break;
    if (line !== '') lines.push(line);
  }
  return lines.toSorted();
}
