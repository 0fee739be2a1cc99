import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';

/** Refuses a resource pool that the cluster does not have. */
export async function refuseMissingPool(session: Session, pool: string | undefined): Promise<void> {
  if (pool === undefined) return;
  const text = (await session.host.files.read('/etc/pve/user.cfg')) ?? '';
  const pools = text.split('\n').map((line) => /^pool:([^:]+):/.exec(line)?.[1]);
  if (!pools.includes(pool)) throw new ToolError(`pool '${pool}' does not exist`);
}
