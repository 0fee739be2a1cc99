import { answerOf, type HostStep } from './part.ts';
import { nvidia, NVIDIA_FILES, NVIDIA_UNIT } from './drivers/nvidia.ts';
import { passthrough, PASSTHROUGH_FILES } from './drivers/passthrough.ts';
import { rebootPart } from './drivers/reboot.ts';

/** NVIDIA's driver on the host, or devices kept for virtual machines. Ends the run where a reboot is needed. */
export const installDrivers: HostStep = {
  name: 'install_drivers',
  needs: (desired) =>
    desired.nvidia || desired.passthrough
      ? {
          files: [...NVIDIA_FILES, ...PASSTHROUGH_FILES],
          host: ['system', 'modules', 'drivers', 'package:dkms', `unit:${NVIDIA_UNIT}`],
        }
      : {},
  plan: (input) => {
    if (!input.desired.nvidia && !input.desired.passthrough) return answerOf(input, 'install_drivers', []);
    const devices = passthrough(input);
    const driver = nvidia(input);
    const reboots = [...devices.reboots, ...driver.reboots];
    const answer = answerOf(input, 'install_drivers', [devices.part, driver.part, rebootPart(reboots)]);
    return reboots.length > 0 && answer.operations.length === 0 ? { ...answer, finished: true } : answer;
  },
};
