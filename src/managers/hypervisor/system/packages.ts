import type { DesiredHypervisor } from '../../../model/desired.ts';
import type { CheckOperation, Operation } from '../../../model/operation.ts';
import { probeKey } from '../../../model/probe-key.ts';
import type { HostInput, Part } from '../part.ts';
import type { HostOperations } from '../operations.ts';
import { system } from './operations.ts';

/** Packages that the folder names, and those that what it describes needs. */
export function packagesOf({ packages = [], administrators = [] }: DesiredHypervisor): readonly string[] {
  const needsSudo = administrators.some(({ hasSudo }) => hasSudo);
  return [...new Set([...packages, ...(needsSudo ? ['sudo'] : [])])].toSorted();
}

/**
 * Missing packages are installed, never at the cost of one that is there. Installed ones are upgraded
 * only where the command line says so. `isStale`: the repositories were changed just before.
 */
export function packages(input: HostInput, isStale: boolean): Part {
  const { desired, observed } = input;
  const installed = observed.node.host?.packages ?? new Map<string, string>();
  const missing = packagesOf(desired).filter((name) => !installed.has(name));
  const attributes = missing.map((name) => `package ${name}`);
  const upgrade = upgradeOf(input);
  const isWorking = missing.length > 0 || isStale || (upgrade.operations ?? []).length > 0;
  return {
    changes: [
      ...attributes.map((attribute) => system.change(attribute, undefined, 'installed')),
      ...(upgrade.changes ?? []),
    ],
    operations: [
      ...(missing.length > 0
        ? installPackages(system, attributes, missing)
        : isWorking
          ? [update(system)]
          : []),
      ...(upgrade.operations ?? []),
    ],
    probes: upgrade.probes ?? [],
    makes: { packages: missing },
  };
}

/** Installs packages, and removes none for them. */
export function installPackages(
  step: HostOperations,
  attributes: readonly string[],
  names: readonly string[],
): readonly Operation[] {
  return [
    update(step),
    step.run(attributes, ['apt-get', 'install', ...APT_OPTIONS, '--no-remove', '--', ...names], {
      env: APT_ENVIRONMENT,
      timeoutMs: APT_LIMIT_MS,
      title: `install ${names.join(', ')}`,
    }),
  ];
}

const APT_ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
const APT_OPTIONS = ['-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Options::=--force-confold'];
const APT_LIMIT_MS = 3_600_000;

function update(step: HostOperations): Operation {
  return step.run([], ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', 'update'], {
    env: APT_ENVIRONMENT,
    timeoutMs: APT_LIMIT_MS,
    title: 'look up what packages there are',
  });
}

const UPGRADE = 'installed packages';
const UPGRADED = 'host-upgraded';

/** Is every installed package as new as the repositories have it? */
const IS_UPGRADED: CheckOperation = {
  op: 'check',
  target: 'node',
  step: 'prepare_system',
  changes: [],
  gates: [],
  in: 'node',
  needs: [UPGRADED],
  probe: {
    kind: 'command',
    script: {
      name: 'is-upgraded',
      content: `#!/bin/sh
apt-get -qq update || exit 2
planned=$(apt-get -s dist-upgrade | grep -c '^Inst ')
[ "$planned" -eq 0 ]
`,
    },
  },
  retries: 1,
  intervalMs: 0,
  timeoutMs: 600_000,
  title: 'are all packages upgraded?',
};

function upgradeOf({ purpose, observed }: HostInput): Part {
  if (purpose.options['upgrade'] !== true) return {};
  const answer = observed.answers.get(probeKey(IS_UPGRADED));
  if (answer === undefined) return { probes: [IS_UPGRADED] };
  if (answer.kind === 'done' && answer.exitCode === 0) return {};
  const operation = system.run([UPGRADE], ['apt-get', 'dist-upgrade', ...APT_OPTIONS], {
    env: APT_ENVIRONMENT,
    timeoutMs: APT_LIMIT_MS,
    title: 'upgrade all packages',
  });
  return {
    changes: [system.change(UPGRADE, 'upgrades are there', 'upgraded')],
    operations: [{ ...operation, provides: [UPGRADED] }],
  };
}
