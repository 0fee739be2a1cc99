import type { Command } from '../call/command.ts';
import { loadMachine, lockMachine, writeMachine } from '../machine/config.ts';

/** `qm unlock`: takes a `lock:` key away; that there is none is fine. */
export const unlock: Command = {
  run: (session, parameters) =>
    lockMachine(session, parameters.vmid, async () => {
      const config = await loadMachine(session, parameters.vmid);
      config.head.keys.delete('lock');
      config.pending.keys.delete('lock');
      await writeMachine(session, parameters.vmid, config);
    }),
};
