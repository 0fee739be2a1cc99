import type { CommandResult } from '../../model/node.ts';
import type { Value } from '../../model/value.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';

/** How a program is called: its words, and for a script its environment and inputs. */
export type HostToolCall = {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, Value>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
};

/**
 * A program of the host itself: it changes `world.host` through the world and files through `host`,
 * so that each of its calls is a point where a fault can strike. What it does not say is success in silence.
 */
export type HostTool = (
  machine: { readonly world: World; readonly host: Host },
  call: HostToolCall,
) => Promise<Partial<CommandResult>>;

/** What a program says that does not do it. */
export function refuses(stderr: string, rc = 1): Partial<CommandResult> {
  return { rc, stderr: `${stderr}\n` };
}
