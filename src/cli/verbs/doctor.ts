import { diagnose, DOCTOR_NEEDS } from '../../managers/hypervisor/doctor/index.ts';
import { loadConfigurationIfAny } from '../configuration.ts';
import { isJson, writeJson } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { openNode } from '../nodes/open-node.ts';
import { NODE_OPTIONS } from '../command-line/options.ts';
import { showDiagnostics } from '../problem.ts';
import type { Verb } from '../verb.ts';

/** `phoenix doctor`: what is not well with the host, from one observation; changes nothing. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'look for what is not well with the host; changes nothing',
  details:
    'Pools, storages, quorum, repositories, leftover locks, the firewall, clock and IOMMU: each finding with what to do. Exit code 1 where there is an error or a warning.',
  operands: [],
  options: NODE_OPTIONS,
  examples: [
    ['phoenix doctor', 'is this host well?'],
    ['phoenix doctor --json', 'the findings, for a program'],
  ],
  run: async (context) => {
    const folder = await loadConfigurationIfAny(context);
    const node = await openNode(context, folder);
    try {
      const observation = await node.observe('all', DOCTOR_NEEDS, { signal: context.io.signal });
      const findings = [...observation.diagnostics, ...diagnose(observation, folder)];
      const isWell = findings.every(({ severity }) => severity === 'notice');
      const exitCode = isWell ? EXIT.done : EXIT.failed;
      if (isJson(context)) {
        writeJson(context.io, { node: observation.nodeName, exitCode, findings });
        return exitCode;
      }
      await showDiagnostics(context.io, findings);
      const count = findings.filter(({ severity }) => severity !== 'notice').length;
      context.io.stdout.write(
        isWell ? `${observation.nodeName} is well.\n` : `${observation.nodeName}: ${count} to look after.\n`,
      );
      return exitCode;
    } finally {
      await node.close();
    }
  },
};
