import { refuses, type HostTool } from './tool.ts';

/** Installs NVIDIA's driver for the running kernel; one that is loaded and in use stays loaded. */
export const installNvidia: HostTool = async ({ world, host }, { words }) => {
  const [version = ''] = words;
  const state = world.host;
  if (state.isOffline === true) return refuses('curl: (6) Could not resolve host: download.nvidia.com');
  if (state.packages['dkms'] === undefined || !state.headers.includes(state.kernel)) {
    return refuses('ERROR: Unable to find the kernel source tree for the currently running kernel.');
  }
  if (state.modules.includes('nouveau') && world.nvidiaVersion === undefined) {
    return refuses('ERROR: The Nouveau kernel driver is currently in use by your system.');
  }
  await host.sleep(60_000);
  state.nvidiaInstalled = version;
  state.nvidiaBuilds = [`${version} ${state.kernel}`];
  if (world.nvidiaVersion === undefined || state.isGpuInUse !== true) {
    world.nvidiaVersion = version;
    if (!state.modules.includes('nvidia')) state.modules.push('nvidia');
  }
  return {};
};
