import type { HostPart } from '../../model/observed-host.ts';
import { answerOf, type HostStep } from './part.ts';
import { administrators, sudoFileOf } from './system/administrators.ts';
import { kernelModules, MODULES_FILE } from './system/kernel-modules.ts';
import { packages, packagesOf } from './system/packages.ts';
import { repositories } from './system/repositories.ts';
import { sysctl, SYSCTL_FILE } from './system/sysctl.ts';
import { timezone } from './system/timezone.ts';

/** Package repositories, packages, timezone, administrators, kernel modules and parameters. */
export const prepareSystem: HostStep = {
  name: 'prepare_system',
  needs: (desired) => ({
    files: [MODULES_FILE, SYSCTL_FILE, ...(desired.administrators ?? []).map(({ name }) => sudoFileOf(name))],
    host: [
      'system',
      'repositories',
      'modules',
      ...packagesOf(desired).map((name): HostPart => `package:${name}`),
      ...(desired.administrators ?? []).map(({ name }): HostPart => `user:${name}`),
      ...[...(desired.sysctl?.keys() ?? [])].map((name): HostPart => `sysctl:${name}`),
    ],
  }),
  plan: (input) => {
    const sources = repositories(input);
    return answerOf(input, 'prepare_system', [
      sources,
      packages(input, (sources.operations ?? []).length > 0),
      timezone(input),
      administrators(input),
      kernelModules(input),
      sysctl(input),
    ]);
  },
};
