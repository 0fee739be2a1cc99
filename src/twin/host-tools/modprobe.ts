import { refuses, type HostTool } from './tool.ts';

/** `modprobe [-r] MODULE`: a module that the world says is missing cannot be loaded. */
export const modprobe: HostTool = async ({ world }, { words }) => {
  const { host } = world;
  const isRemoval = words[0] === '-r';
  for (const word of words.filter((one) => !one.startsWith('-'))) {
    const name = word.replaceAll('-', '_');
    if (host.missingModules?.includes(name) === true) {
      return refuses(`modprobe: FATAL: Module ${word} not found in directory /lib/modules/${host.kernel}`);
    }
    host.modules = host.modules.filter((loaded) => loaded !== name);
    if (!isRemoval) host.modules.push(name);
  }
  return {};
};
