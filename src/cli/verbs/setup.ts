import { EXIT } from '../exit-code.ts';
import { CHANGE_OPTIONS } from '../command-line/options.ts';
import { stop } from '../stop.ts';
import type { Verb } from '../verb.ts';

/** `phoenix setup`: preparing the host itself is not in this version, and it says so. */
export const setup: Verb = {
  name: 'setup',
  summary: 'prepare the host (not in this version)',
  details:
    'The hypervisor section of the configuration is checked by "phoenix validate". Preparing the host (packages, ZFS, network, drivers, firewall) comes in a later version.',
  operands: [],
  options: CHANGE_OPTIONS,
  examples: [],
  run: async () => {
    throw stop(EXIT.failed, {
      code: 'cli/not-in-this-version',
      summary: 'This version of Phoenix does not prepare hosts. Nothing was done.',
      detail: 'It checks the hypervisor configuration and looks after containers on a host that is set up.',
      remedy: 'Set up Proxmox VE, its storages and its bridges by hand, then:\n    phoenix converge all',
    });
  },
};
