import type { Command } from '../call/command.ts';
import { removeLock } from '../container/locks.ts';

/** `pct unlock`: takes any `lock:` key away. */
export const unlock: Command = { run: (session, parameters) => removeLock(session, parameters.vmid) };
