import { hypervisorManager } from '../../managers/hypervisor/index.ts';
import type { Folder } from '../../model/desired.ts';
import type { RunTarget } from '../../model/run.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { stop } from '../stop.ts';

/** The host itself as a target of a run. Refuses a sandbox: its host is the machine that somebody sits at. */
export function hostTarget(
  { options }: Pick<Context, 'options'>,
  { hypervisor }: Folder,
  manager = hypervisorManager,
): RunTarget {
  if (options.text('host') === 'sandbox') {
    throw stop(EXIT.failed, {
      code: 'cli/sandbox-has-no-host',
      summary: 'A sandbox is no host that could be set up. Nothing was done.',
      detail: 'Its disks, packages and users are those of this machine.',
      remedy: 'See what would be done on a host in memory:\n    phoenix setup --host twin',
    });
  }
  return { target: 'node', title: 'hypervisor', manager, desired: hypervisor, after: [] };
}
