import type { Place, Target } from './target.ts';
import type { Secret, Value } from './value.ts';

/**
 * Something that a program in a guest brings about and no file of the node shows, such as
 * `feature:docker@<digest>`. A twin keeps facts per guest; a real node learns them by probing.
 */
export type Fact = string;

type Common = {
  readonly target: Target;
  /** Name of the step that asked for it. */
  readonly step: string;
  /** Attributes of the changes that this operation carries out. */
  readonly changes: readonly string[];
  /** Limits it must pass: `clone:900`, `storage:local`. The engine knows their widths. */
  readonly gates: readonly string[];
  readonly provides?: readonly Fact[];
  readonly needs?: readonly Fact[];
};

/** A call of one of Proxmox's commands, named as in its API: `pct set`, `qm clone`. */
export type PveOperation = Common & {
  readonly op: 'pve';
  readonly call: string;
  readonly vmid?: number;
  /** Positional arguments after the vmid, then options by name; a boolean option is 1 or 0. */
  readonly positional?: readonly Value[];
  readonly params: Readonly<Record<string, Value>>;
};

/** Lines taken out of and put into the head section of a guest's config file, under Proxmox's own lock. */
export type EditOperation = Common & {
  readonly op: 'edit';
  readonly path: string;
  readonly vmid: number;
  readonly remove: readonly string[];
  readonly add: readonly string[];
};

/**
 * A whole file, written beside its place and renamed into it. `null` content removes the file; content
 * that may hold something secret (a password's hash) is a secret as a whole, known by its reference.
 */
export type WriteOperation = Common & {
  readonly op: 'write';
  readonly in: Place;
  readonly path: string;
  readonly content: string | Secret | null;
  /** Octal permission bits, such as 0o600. */
  readonly mode?: number;
};

/** A script as it goes into a guest: a private folder, its files, a lock of its own, removed afterwards. */
export type Script = {
  readonly name: string;
  /** The program's text; its first line names its interpreter. */
  readonly content: string;
  readonly args?: readonly string[];
  /** Given to the script as the file that `$PHOENIX_INPUTS` names (JSON). */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Further files beside the script, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

type Run =
  | { readonly argv: readonly string[]; readonly script?: undefined }
  | { readonly script: Script; readonly argv?: undefined };

export type ExecOperation = Common & {
  readonly op: 'exec';
  readonly in: Place;
  readonly env?: Readonly<Record<string, Value>>;
  readonly timeoutMs: number;
  /** Says in a few words what it does, for people. */
  readonly title?: string;
} & Run;

export type WaitFor = 'running' | 'stopped' | 'network' | 'init' | 'agent' | 'cloud-init' | 'task';

export type WaitOperation = Common & {
  readonly op: 'wait';
  readonly in: Place;
  readonly for: WaitFor;
  readonly timeoutMs: number;
};

/** Something that answers yes or no and changes nothing. */
export type Probe =
  | ({ readonly kind: 'command'; readonly env?: Readonly<Record<string, Value>> } & Run)
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly expectStatus?: number;
      readonly expectBody?: string;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export type CheckOperation = Common & {
  readonly op: 'check';
  readonly in: Place;
  readonly probe: Probe;
  /** How often it is tried at most, at least 1. */
  readonly retries: number;
  readonly intervalMs: number;
  /** Limit of one try. */
  readonly timeoutMs: number;
  readonly title?: string;
};

/**
 * Keeps a change that a dead-man switch on the node takes back by itself otherwise. The node proves
 * that it is reachable over a way that the change could have broken: a fresh connection from outside,
 * never one that was open before; run on the node itself, the gateway's answer and a person's yes.
 * Where it can't, it waits until the old state is back, and refuses.
 */
export type ConfirmOperation = Common & {
  readonly op: 'confirm';
  readonly in: 'node';
  /** Which switch: its folder below `/var/lib/phoenix/dead-man`. */
  readonly name: string;
  /** What the switch was armed with; it obeys no other. */
  readonly token: string;
  /** Addresses under which the node may answer from now on, tried after the one it had. */
  readonly addresses: readonly string[];
  /** The gateway that must answer the node, where it has one. */
  readonly gateway?: string;
  readonly timeoutMs: number;
  readonly title?: string;
};

/** One thing done to a node: plain data that can be printed, compared and replayed. */
export type Operation =
  | PveOperation
  | EditOperation
  | WriteOperation
  | ExecOperation
  | WaitOperation
  | CheckOperation
  | ConfirmOperation;

/** True for an operation that changes nothing. */
export function isProbe(operation: Operation): operation is CheckOperation | WaitOperation {
  return operation.op === 'check' || operation.op === 'wait';
}

/** An operation as one text, for comparing: equal exactly for equal operations, a secret by its reference. */
export function operationText(operation: Operation): string {
  return JSON.stringify(operation);
}
