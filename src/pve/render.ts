import type {
  CheckOperation,
  ExecOperation,
  Operation,
  PveOperation,
  WaitFor,
  WriteOperation,
} from '../model/operation.ts';
import type { GuestId, Place } from '../model/target.ts';
import { isFill, Secret, showValue, type Scalar, type Value } from '../model/value.ts';

/**
 * The program and arguments of a call, word by word: the command, the vmid, positional arguments,
 * then each option as `--name value`. A password that the tool can ask for is left to `renderStdin`.
 * Throws for any other secret (argv is public on a host) and for a fill that was not filled.
 */
export function renderArgv(operation: PveOperation): string[] {
  const typed = typedPassword(operation);
  if (!typed) return callWords(operation, argument);
  const { [typed.name]: _, ...params } = operation.params;
  return [...callWords({ ...operation, params }, argument), `--${typed.name}`];
}

/**
 * What the call reads from its standard input: a password that `renderArgv` left out, twice, as the
 * tools ask for it where the option has no value (`param_mapping` of PVE::CLI::qm; PVE::PTY reads a
 * line where it is no terminal).
 */
export function renderStdin(operation: PveOperation): string | undefined {
  const text = typedPassword(operation)?.password.reveal();
  return text === undefined ? undefined : `${text}\n${text}\n`;
}

function typedPassword({ call, params }: PveOperation) {
  const { cipassword: password } = params;
  const isAsked = (call === 'qm set' || call === 'qm create') && password instanceof Secret;
  return isAsked ? ({ name: 'cipassword', password } as const) : undefined;
}

/** How operations are described where `isVm` tells the guests that are VMs, which are entered by another command. */
export function describeWith(isVm: (vmid: GuestId) => boolean): (operation: Operation) => string {
  return (operation) => describe(operation, isVm);
}

/**
 * An operation as people read it and, where it is one command, as they can paste it into a POSIX
 * shell on the node. Secrets show as `•••`, values the node invents as `<digest of 101>`. Every guest
 * counts as a container; see `describeWith`.
 */
export function describeOperation(operation: Operation): string {
  return describe(operation, () => false);
}

function describe(operation: Operation, isVm: IsVm): string {
  switch (operation.op) {
    case 'pve':
      return callWords(operation, showValue).map(quoteWord).join(' ');
    case 'edit': {
      const lines = [
        ...operation.remove.map((line) => `#   - ${oneLine(line)}`),
        ...operation.add.map((line) => `#   + ${oneLine(line)}`),
      ];
      return [`# edit ${quoteWord(operation.path)}`, ...lines].join('\n');
    }
    case 'write':
      return describeWrite(operation, isVm);
    case 'exec':
      return describeExec(operation, isVm);
    case 'wait':
      return `# wait until ${WAITS[operation.for](operation.in)} (at most ${seconds(operation.timeoutMs)})`;
    case 'check':
      return describeCheck(operation, isVm);
    case 'confirm':
      return `# keep the change of the ${operation.name}, once a fresh connection proves that the node is reachable (at most ${seconds(operation.timeoutMs)})`;
  }
}

/** A word as a POSIX shell reads it back unchanged; harmless words stay bare. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function callWords(operation: PveOperation, word: (value: Value) => string): string[] {
  const options = Object.entries(operation.params).flatMap(([name, value]) => [`--${name}`, word(value)]);
  return [
    ...operation.call.split(' '),
    ...(operation.vmid === undefined ? [] : [String(operation.vmid)]),
    ...(operation.positional ?? []).map(word),
    ...options,
  ];
}

function argument(value: Value): string {
  const parts: readonly Scalar[] = Array.isArray(value) ? value : [value as Scalar];
  for (const part of parts) {
    if (part instanceof Secret) throw new Error(`${part.reference} may not travel in a command's arguments.`);
    if (isFill(part)) throw new Error(`${showValue(part)} was not filled.`);
  }
  return showValue(value);
}

type IsVm = (vmid: GuestId) => boolean;

function describeWrite(operation: WriteOperation, isVm: IsVm): string {
  const place = operation.in === 'node' ? '' : ` in ${operation.in}`;
  if (operation.content === null) {
    const words = [...enter(operation.in, isVm), 'rm', '-f', '--', operation.path];
    return words.map(quoteWord).join(' ');
  }
  const mode = operation.mode === undefined ? '' : `, mode ${operation.mode.toString(8).padStart(4, '0')}`;
  const size = operation.content instanceof Secret ? '•••' : `${operation.content.length} characters`;
  return `# write ${quoteWord(operation.path)}${place} (${size}${mode})`;
}

function describeExec(operation: ExecOperation, isVm: IsVm): string {
  if (operation.script) {
    const args = (operation.script.args ?? []).map((arg) => ` ${quoteWord(arg)}`).join('');
    return `# run ${oneLine(operation.script.name)}${args}${inPlace(operation.in)}`;
  }
  const environment = Object.entries(operation.env ?? {}).map(
    ([name, value]) => `${name}=${quoteWord(showValue(value))}`,
  );
  const prefix = environment.length > 0 ? ['env', ...environment] : [];
  const words = operation.argv.map(quoteWord);
  return [...enter(operation.in, isVm), ...prefix, ...words].join(' ');
}

function describeCheck(operation: CheckOperation, isVm: IsVm): string {
  const { probe } = operation;
  const place = inPlace(operation.in);
  if (probe.kind === 'http') {
    const status = probe.expectStatus === undefined ? '' : ` (${probe.expectStatus})`;
    return `# check ${oneLine(probe.url)}${status}${place}`;
  }
  if (probe.kind === 'tcp') return `# check tcp ${oneLine(probe.host)}:${probe.port}${place}`;
  if (probe.script) return `# check ${oneLine(probe.script.name)}${place}`;
  return [...enter(operation.in, isVm), ...probe.argv.map(quoteWord)].join(' ');
}

function inPlace(place: Place): string {
  return place === 'node' ? ' on the node' : ` in ${place}`;
}

function enter(place: Place, isVm: IsVm): string[] {
  if (place === 'node') return [];
  return [...(isVm(place) ? ['qm', 'guest', 'exec'] : ['pct', 'exec']), String(place), '--'];
}

function oneLine(text: string): string {
  // A comment that a person pastes must end where it seems to end.
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

const WAITS: Record<WaitFor, (place: Place) => string> = {
  running: (place) => `${place} runs`,
  stopped: (place) => `${place} has stopped`,
  network: (place) => `${place} has an address and a route`,
  init: (place) => `${place} has finished starting`,
  agent: (place) => `the agent of ${place} answers`,
  'cloud-init': (place) => `cloud-init of ${place} has finished`,
  task: (place) => `Proxmox's tasks of ${place} have ended`,
};
