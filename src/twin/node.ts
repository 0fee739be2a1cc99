import type { CommandOptions, CommandResult, Node, RunOptions } from '../model/node.ts';
import type { Observation } from '../model/observation.ts';
import type { Operation, PveOperation, WaitOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { commandInVm } from './command-in-vm.ts';
import type { Host } from './host.ts';
import { createJournal } from './journal.ts';
import { createMemoryHost } from './memory-host.ts';
import { takeLock, type Life } from './node-lock.ts';
import { observeWorld } from './observe.ts';
import { runOperation } from './run-operation.ts';
import { leaveBehind, strike, type Faults } from './strike.ts';
import { runCommand } from './tools.ts';
import type { World } from './world.ts';

/** What a twin must be told of Proxmox's dialect, since it shares no code with what it checks. */
export type TwinDialect = {
  readonly parseObservation: (text: string) => Observation;
  readonly renderArgv: (operation: PveOperation) => readonly string[];
  /** What its call reads from standard input. */
  readonly renderStdin?: (operation: PveOperation) => string | undefined;
  readonly judge: (end: CommandResult) => Outcome;
  /** How a wait for an agent or for Cloud-Init ended; undefined: it goes on. */
  readonly judgeWait: (progress: {
    readonly operation: WaitOperation;
    readonly last: CommandResult | undefined;
    readonly isTimedOut: boolean;
  }) => Outcome | undefined;
};

export type TwinNodeOptions = {
  readonly world: World;
  readonly dialect: TwinDialect;
  /** For people; default `twin`. */
  readonly title?: string;
  /** Faults on demand, for tests. */
  readonly faults?: Faults;
  /** The machine over the world; default its own. Runs side by side on one world must share it. */
  readonly host?: Host;
};

/** A twin, and what tests need of it. */
export type TwinNode = Node & {
  readonly host: Host;
  /** Settles when a fault kills Phoenix: from then on nothing that this node was asked gets an answer. */
  readonly killed: Promise<void>;
};

/**
 * A Proxmox node in memory as the engine sees one: operations run as command lines through the twin's
 * tools, on a virtual clock. No program runs inside its guests: an `exec` makes the facts true that it
 * provides, a `check` passes exactly when its facts are true in a running guest. Lock and journal are
 * files of the world, so that the next run finds those of a killed one.
 */
export function twinNode(options: TwinNodeOptions): TwinNode {
  const { world, dialect, title = 'twin', faults } = options;
  const host = options.host ?? createMemoryHost(world);
  const journal = createJournal(world, host);
  const life: Life = { isOver: false };
  let settleDeath = (): void => {};
  const killed = new Promise<void>((resolve) => {
    settleDeath = resolve;
  });
  let count = 0;

  /** A dead process does nothing more and hears of nothing. */
  const alive = async <T>(code: () => Promise<T>): Promise<T> => {
    if (life.isOver) return new Promise<T>(() => {});
    const result = await code();
    return life.isOver ? new Promise<T>(() => {}) : result;
  };
  const working = new Map<Operation, Promise<unknown>>();
  const die = (): void => {
    life.isOver = true;
    // What was started side by side goes on without Phoenix, and is seen by its processes.
    for (const [operation, ended] of working) void leaveBehind(host, operation, ended);
    settleDeath();
  };
  const run = (operation: Operation, runOptions: RunOptions): Promise<Outcome> => {
    const index = count;
    count += 1;
    const perform = (on: Host): Promise<Outcome> =>
      runOperation({ world, host: on, base: host, dialect }, operation, runOptions);
    const fault = faults?.(operation, index);
    const ended = strike({ host, operation, fault, perform, die });
    if (!fault) {
      working.set(operation, ended);
      void ended.catch(() => {}).finally(() => working.delete(operation));
    }
    return ended;
  };

  return {
    title,
    host,
    killed,
    observe: (scope, needs) =>
      alive(async () =>
        dialect.parseObservation(await observeWorld(world, host, { scope, needs, open: journal.open() })),
      ),
    run: (operation, runOptions) => alive(() => run(operation, runOptions)),
    command: (argv, { in: vmid, stdin, onText }) =>
      alive(async () => {
        const input = READS_STDIN.test(argv.join(' ')) ? await wholeOf(stdin) : '';
        if (vmid !== undefined) return commandInVm({ world, host }, vmid, argv, { stdin: input, onText });
        const result = await runCommand(host, argv, {
          stdin: input,
          ...(onText && { onOutput: onText }),
        });
        return onText ? { rc: result.rc, stdout: '', stderr: '' } : result;
      }),
    lock: (purpose) => alive(() => takeLock(world, host, life, purpose)),
    journal: {
      append: (entry) => alive(() => journal.append(entry)),
      finish: (carry) => alive(() => journal.finish(carry)),
    },
    sleep: (milliseconds, signal) => alive(() => sleep(host, milliseconds, signal)),
    now: host.now,
    close: async () => {
      life.isOver = true;
    },
  };
}

/* The programs of a twin that read input; nobody waits for the end of one that nobody reads. */
const READS_STDIN = /(^|[ /])(cat|sh|bash|tee( .*)?)$/;

async function wholeOf(stdin: CommandOptions['stdin']): Promise<string> {
  if (typeof stdin === 'string') return stdin;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function sleep(host: Host, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return;
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([host.sleep(milliseconds), aborted]);
}
