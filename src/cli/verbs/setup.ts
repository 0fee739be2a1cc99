import { hypervisorManagerOf, HOST_STEPS } from '../../managers/hypervisor/index.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { loadConfiguration } from '../configuration.ts';
import { CHANGE_OPTIONS } from '../command-line/options.ts';
import { quote } from '../command-line/parse.ts';
import { consentOf } from '../run/consent.ts';
import { withSession } from '../run/session.ts';
import { usageStop } from '../stop.ts';
import { hostTarget } from '../targets/host-target.ts';
import type { Verb } from '../verb.ts';

const STEPS = Object.keys(HOST_STEPS) as readonly (keyof typeof HOST_STEPS)[];

/** `phoenix setup`: takes the host itself to what the folder describes. */
export const setup: Verb = {
  name: 'setup',
  summary: 'prepare the host: system, ZFS, network, drivers, firewall',
  details:
    'Running it again changes nothing; on a half-configured host it does the rest. A disk that carries anything is left alone, unless --allow destroys-data and --wipe-disk with its serial say otherwise. Where the host must be rebooted it stops with exit code 75, and the next run goes on.',
  operands: [
    {
      name: 'steps',
      summary: `only these: ${STEPS.join(', ')} (default: all)`,
      isVariadic: true,
      completes: STEPS,
    },
  ],
  options: [
    { name: 'upgrade', summary: 'upgrade all installed packages, too' },
    {
      name: 'wipe-disk',
      value: 'serial',
      isRepeatable: true,
      summary: 'with --allow destroys-data: what is on this disk may be lost',
    },
    ...CHANGE_OPTIONS.filter(({ name }) => name !== 'adopt'),
  ],
  examples: [
    ['phoenix setup --dry-run', 'what it would do'],
    ['phoenix setup zfs', 'pools, datasets and storages only'],
  ],
  run: async (context) => {
    const { operands, options } = context;
    const unknown = operands.find((word) => !isStep(word));
    if (unknown !== undefined) {
      throw usageStop(
        'cli/unknown-step',
        `Unknown step ${quote(unknown)}.`,
        `Steps are: ${STEPS.join(', ')}.`,
      );
    }
    const folder = await loadConfiguration(context);
    const names = operands.length === 0 ? STEPS : operands.filter(isStep);
    return await withSession(context, folder, async (session) => {
      if (Object.keys(folder.hypervisor).length === 1) await session.tell([NOTHING_DESCRIBED]);
      await session.run({
        verb: 'setup',
        options: { upgrade: options.has('upgrade') },
        folder,
        guests: [],
        host: hostTarget(context, folder, hypervisorManagerOf(names)),
        manager: () => hypervisorManagerOf(names),
        edges: () => [],
        consent: consentOf(options),
      });
    });
  },
};

const NOTHING_DESCRIBED: Diagnostic = {
  code: 'cli/no-host-described',
  severity: 'notice',
  summary: 'The folder describes no host, so there is nothing to set up',
  remedy: 'Write phoenix_hypervisor_config.json; docs/setup.md says what it may hold.',
};

function isStep(word: string): word is keyof typeof HOST_STEPS {
  return Object.hasOwn(HOST_STEPS, word);
}
