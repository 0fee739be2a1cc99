import type { Command } from '../call/command.ts';
import { refuseParameter, ToolError } from '../call/errors.ts';

/** `pct migrate`: there is no other node to go to. */
export const migrate: Command = {
  waits: true,
  run: async (session, parameters) => {
    const target = parameters.demand('target');
    if (target === session.host.nodeName) throw refuseParameter('target', 'target is local node.');
    throw new ToolError(`no such cluster node '${target}'`);
  },
};
