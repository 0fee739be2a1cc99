import type { GuestId } from '../../model/target.ts';
import type { ParameterValue } from './schema.ts';
import type { Session } from './session.ts';

/** One subcommand of a tool. Its parameters are checked against Proxmox's table before it runs. */
export type Command = {
  readonly run: (session: Session, parameters: Parameters) => Promise<number | void>;
  /** Does the tool wait for its worker and exit with 255 where that failed? */
  readonly waits?: boolean;
};

/** A tool: its commands by name, and the groups in which its overview lists them. */
export type Tool = {
  readonly name: string;
  readonly groups: readonly (readonly string[])[];
  readonly commands: Readonly<Record<string, Command>>;
  readonly aliases?: Readonly<Record<string, string>>;
};

/** Parameters of a call, checked: every reading of one goes through these. */
export type Parameters = {
  readonly text: (name: string) => string | undefined;
  /** A parameter that the table demands. */
  readonly demand: (name: string) => string;
  readonly flag: (name: string) => boolean;
  readonly number: (name: string) => number | undefined;
  readonly words: (name: string) => readonly string[];
  readonly vmid: GuestId;
  /** All that were given, but those named. */
  readonly except: (names: readonly string[]) => Map<string, string>;
};

export function readParameters(values: ReadonlyMap<string, ParameterValue>): Parameters {
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    demand: (name) => text(name) ?? '',
    flag: (name) => text(name) === '1',
    number: (name) => {
      const value = text(name);
      return value === undefined ? undefined : Number(value);
    },
    words: (name) => {
      const value = values.get(name);
      return Array.isArray(value) ? (value as readonly string[]) : [];
    },
    vmid: Number(text('vmid') ?? 0),
    except: (names) => {
      const left = new Map<string, string>();
      for (const [name, value] of values) {
        if (!names.includes(name) && typeof value === 'string') left.set(name, value);
      }
      return left;
    },
  };
}
